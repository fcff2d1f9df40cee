"""Settings: environment, command line, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from cloudscaling.settings import Settings, SettingsError


def test_defaults_suit_a_cluster_wide_installation() -> None:
    """Nothing must be set."""
    settings = Settings.load({})
    assert (settings.watch_namespaces, settings.cluster_name) == ((), "")
    assert settings.listen_address == ("0.0.0.0", 8080)
    assert (settings.operator_namespace, settings.workers) == ("cloud-scaling", 16)
    assert settings.hmac_secret_name == "cloudscaling-state-key"


def test_environment_is_read_and_the_command_line_wins() -> None:
    """An option that was not given does not count."""
    environ = {
        "CLOUDSCALING_WATCH_NAMESPACES": "a, b,",
        "CLOUDSCALING_CLUSTER_NAME": "prod",
        "CLOUDSCALING_WORKERS": "4",
        "CLOUDSCALING_PROTECT_SECRETS": "false",
        "CLOUDSCALING_LOG_FORMAT": "TEXT",
    }
    settings = Settings.load(environ, {"workers": 8, "log_level": None})
    assert settings.watch_namespaces == ("a", "b")
    assert (settings.workers, settings.protect_secrets) == (8, False)
    assert (settings.log_format, settings.log_level) == ("text", "info")


def test_own_namespace_comes_from_the_pod_unless_set() -> None:
    """The downward API gives POD_NAMESPACE."""
    assert Settings.load({"POD_NAMESPACE": "ops"}).operator_namespace == "ops"
    both = {"POD_NAMESPACE": "ops", "CLOUDSCALING_OPERATOR_NAMESPACE": "other"}
    assert Settings.load(both).operator_namespace == "other"


def test_variables_of_kubernetes_services_do_no_harm() -> None:
    """A Service named cloudscaling injects these into every pod of its namespace."""
    settings = Settings.load({"CLOUDSCALING_PORT": "tcp://10.0.0.1:80", "CLOUDSCALING_SERVICE_HOST": "10.0.0.1"})
    assert settings == Settings.load({})


def test_an_empty_variable_counts_as_not_set() -> None:
    """Charts write empty strings for values that nobody gave."""
    assert Settings.load({"CLOUDSCALING_WORKERS": ""}).workers == 16


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"CLOUDSCALING_WORKERS": "many"}, "CLOUDSCALING_WORKERS='many': Input should be a valid integer"),
        ({"CLOUDSCALING_WORKERS": "0"}, "CLOUDSCALING_WORKERS='0': .*greater than or equal to 1"),
        ({"CLOUDSCALING_LISTEN": "8080"}, "CLOUDSCALING_LISTEN='8080': must be HOST:PORT"),
        ({"CLOUDSCALING_LISTEN": "h:70000"}, "must be HOST:PORT"),
        ({"CLOUDSCALING_LOG_LEVEL": "loud"}, "CLOUDSCALING_LOG_LEVEL='loud'"),
        ({"CLOUDSCALING_RESYNC_S": "-1"}, "CLOUDSCALING_RESYNC_S='-1': .*greater than 0"),
        ({"CLOUDSCALING_BACKGROUND_SHARE": "3"}, "CLOUDSCALING_BACKGROUND_SHARE='3'"),
        ({"CLOUDSCALING_PROTECT_SECRETS": "maybe"}, "CLOUDSCALING_PROTECT_SECRETS='maybe'"),
        ({"CLOUDSCALING_WATCH_NAMESPACES": "a,B!"}, "CLOUDSCALING_WATCH_NAMESPACES='B!'"),
        ({"CLOUDSCALING_WATCH_NAMESPACES": "a"}, "CLOUDSCALING_CLUSTER_NAME must be set when"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_reason(environ: dict[str, str], message: str) -> None:
    """The variable as it was set, and why not."""
    with pytest.raises(SettingsError, match=message):
        Settings.load(environ)


def test_an_option_is_named_as_an_option() -> None:
    """And all mistakes are told at once."""
    with pytest.raises(SettingsError, match=r"CLOUDSCALING_LISTEN='x': .*; --workers=0: "):
        Settings.load({"CLOUDSCALING_LISTEN": "x"}, {"workers": 0})


def test_settings_are_frozen() -> None:
    """Read once, passed down."""
    with pytest.raises(ValidationError):
        Settings.load({}).workers = 3  # type: ignore[misc]  # what the test is about


def test_listen_knows_ipv6_and_any_free_port() -> None:
    """As in every other tool."""
    assert Settings.load({"CLOUDSCALING_LISTEN": "[::]:0"}).listen_address == ("::", 0)
