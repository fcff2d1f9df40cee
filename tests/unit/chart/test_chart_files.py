"""The chart's files that need no helm: versions and generated copies."""

import json
import tomllib
from pathlib import Path
from typing import Any

import yaml
from chart_rig import CHART

from cloudscaling.api import crdgen, meta
from cloudscaling.settings import Settings

ROOT = CHART.parents[1]
Json = dict[str, Any]


def test_chart_has_the_version_of_the_project() -> None:
    """One release, one number."""
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (about["version"], str(about["appVersion"])) == (project, project)


def test_crds_are_the_generated_ones() -> None:
    """`python -m cloudscaling.api.crdgen crds helm/cloud-scaling-operator/crds` writes them."""
    there = {path.name: path.read_text() for path in (CHART / "crds").iterdir()}
    assert there == dict(crdgen.files().contents)
    assert len(there) == len(meta.RELEASED_KINDS)


def test_every_value_is_in_the_schema_and_the_other_way_round() -> None:
    """A value without a schema could be misspelt; a schema without a value has no default and no comment."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())
    del schema["properties"]["global"]  # Helm's own
    assert _paths_of_schema(schema, schema["definitions"]) == _paths_of_values(values)


def test_defaults_are_those_of_the_program() -> None:
    """Whoever reads values.yaml learns how the program behaves without them."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    defaults = Settings()
    assert values["workers"] == defaults.workers
    assert values["absence"] == {
        "confirmSeconds": defaults.absence_confirm_s,
        "createGraceSeconds": defaults.create_grace_s,
    }
    assert values["intervals"] == {
        "secretPollSeconds": defaults.secret_poll_s,
        "quotaPollSeconds": defaults.quota_poll_s,
        "resyncSeconds": defaults.resync_s,
        "watchCheckSeconds": defaults.watch_check_s,
    }
    assert values["backgroundShare"] == defaults.background_share
    assert values["stateKeySecretName"] == defaults.hmac_secret_name
    assert values["credentials"]["protectSecrets"] == defaults.protect_secrets
    assert (values["logFormat"], values["logLevel"]) == (defaults.log_format, defaults.log_level)


def test_no_template_is_a_stray_file() -> None:
    """Editors leave files behind that helm would render."""
    names = {path.suffix for path in Path(CHART / "templates").iterdir()}
    assert names == {".yaml", ".tpl", ".txt"}


def _paths_of_values(values: Json, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in values.items():
        if isinstance(value, dict) and value and name != "resources":
            found |= _paths_of_values(value, f"{prefix}{name}.")
        else:
            found.add(prefix + name)
    return found


def _paths_of_schema(schema: Json, definitions: Json, prefix: str = "") -> set[str]:
    assert schema.get("additionalProperties") is False, prefix
    found: set[str] = set()
    for name, part in schema["properties"].items():
        meant = definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        if "properties" in meant and name != "resources":
            found |= _paths_of_schema(meant, definitions, f"{prefix}{name}.")
        else:
            found.add(prefix + name)
    return found
