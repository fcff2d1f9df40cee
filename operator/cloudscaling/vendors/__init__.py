"""The clouds that this release knows, by the value of CloudAccount spec.vendor. Read by app.

A folder per cloud, the same file names in each; no folder imports another, except a cloud that is a profile of one.
"""

from cloudscaling.ports import Vendor
from cloudscaling.vendors import huawei, otc

VENDORS: dict[str, Vendor] = {"Huawei": huawei.VENDOR, "OTC": otc.VENDOR}
