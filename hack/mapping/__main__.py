"""The command line of the mapping."""

import sys

from mapping import pages

sys.exit(pages.main())
