"""The command line beside the operator: `cloudscaling import` and `cloudscaling account verify`. Reads only."""
