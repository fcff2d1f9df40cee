"""The parser of `cloudscaling import`, `account verify` and `uninstall`. Called by __main__; knows no command."""

from __future__ import annotations

import argparse
from typing import Any

_KUBECONFIG = "default: $KUBECONFIG, else the pod's ServiceAccount, else ~/.kube/config"


def add(commands: Any) -> None:
    """Put the commands into the parser of __main__."""
    about = "list what exists in an account and print manifests that adopt it without a write"
    found = commands.add_parser("import", help=about, description=about)
    _account_options(found)
    found.add_argument("--name-prefix", action="append", default=[], metavar="TEXT", help="groups whose name begins so")
    found.add_argument("--id", action="append", default=[], metavar="ID", help="the group with this id; repeatable")
    found.add_argument("--by-tag", metavar="KEY[=VALUE]", help="groups that have this tag")
    found.add_argument("--output-dir", metavar="DIR", help="write one file per group into this new or empty directory")
    accounts = commands.add_parser("account", help="commands about a CloudAccount")
    verify = accounts.add_subparsers(dest="account_command", required=True)
    about = "check endpoint, credentials, identity, versions, quotas and permissions of an account, by reads only"
    _account_options(verify.add_parser("verify", help=about, description=about))
    _uninstall(commands)


def _uninstall(commands: Any) -> None:
    about = "before the operator is removed: refuse while objects exist, or orphan them; no cloud is called"
    parser = commands.add_parser("uninstall", help=about, description=about)
    parser.add_argument("--namespaces", metavar="NAME,...", default="", help="where to look; default: everywhere")
    parser.add_argument("--orphan", action="store_true", help="take finalizers off and leave the clouds as they are")
    parser.add_argument(
        "--operator", metavar="NAMESPACE/NAME", help="with --orphan: the operator's Deployment, which is stopped before"
    )
    parser.add_argument("--kubeconfig", metavar="FILE", help=_KUBECONFIG)


def _account_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=("table", "yaml", "json"), default="table")
    parser.add_argument("-n", "--namespace", metavar="NAME", help="namespace of the CloudAccount and of the manifests")
    cluster = parser.add_argument_group("an account of the cluster")
    cluster.add_argument("--account", dest="account_name", metavar="NAME", help="a CloudAccount, read from the cluster")
    cluster.add_argument("--kubeconfig", metavar="FILE", help=_KUBECONFIG)
    file = parser.add_argument_group("an account of a file; credentials from its Secret or from the environment")
    file.add_argument("-f", "--file", metavar="FILE", help="a CloudAccount manifest, - for standard input")
    flags = parser.add_argument_group("an account of flags; credentials from the environment")
    flags.add_argument("--vendor", metavar="NAME", help="as in spec.vendor of a CloudAccount")
    flags.add_argument("--region", metavar="NAME")
    flags.add_argument("--project-id", metavar="ID")
    flags.add_argument("--project-name", metavar="NAME", help="default: the region's own project")
    flags.add_argument("--endpoint", metavar="URL", help="of the auto-scaling service, instead of the vendor's own")
    flags.add_argument("--iam-endpoint", metavar="URL")
    flags.add_argument("--allow-plaintext", action="store_true", help="allow http endpoints; for simulators only")
    flags.add_argument("--account-ref", metavar="NAME", help="name of the CloudAccount in the manifests")
