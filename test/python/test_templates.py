"""What `ai-opt-out template` makes, under the linter that CloudFormation's own team maintains, and read by another YAML reader."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from conftest import ROOT

NODE = ["node", "--import", "tsx"]
COMMAND = [*NODE, "test/cli/template/command.ts", "template"]
REGIONS = ["us-east-1", "eu-west-1"]

FLAGS = {
    "policy": [],
    "monitor": ["--monitor"],
    "repair": ["--monitor", "--repair", "--interval", "60"],
    "rule": ["--config-rule", "--service", "lex", "polly", "--name", "Ours"],
    "everything": ["--monitor", "--repair", "--config-rule", "--opt-in", "lex", "--target", "ou-abcd-12345678"],
}


def lint(*files):
    """Errors. Warnings are left out: that a dependency is there twice harms nobody."""
    command = ["cfn-lint", "--regions", *REGIONS, "--format", "json", "--non-zero-exit-code", "none", "--", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    findings = json.loads(done.stdout or "[]")
    return [f"{Path(finding['Filename']).name}: {finding['Rule']['Id']} {finding['Message']}" for finding in findings if finding["Level"] == "Error"]


def test_cfn_lint_finds_no_error(tmp_path):
    for name, flags in FLAGS.items():
        for syntax in ["yaml", "json"]:
            done = subprocess.run([*COMMAND, *flags, *(["--json"] if syntax == "json" else [])], cwd=ROOT, capture_output=True, text=True, check=True)
            (tmp_path / f"{name}.{syntax}").write_text(done.stdout)
    files = list(tmp_path.iterdir())
    assert len(files) == 2 * len(FLAGS)
    # All at once: starting the linter takes longer than its work.
    assert lint(*files) == []


def test_cfn_lint_finds_errors_where_there_are(tmp_path):
    file = tmp_path / "template.json"
    file.write_text('{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Wrong": 1}}}}')
    assert lint(file) != []


@pytest.mark.parametrize("landing_zone,manifest", [("cfct", "manifest.yaml"), ("lza", "customizations-config.yaml")])
def test_folders_are_read_as_the_pipelines_read_them(landing_zone, manifest, tmp_path):
    subprocess.run([*COMMAND, "--monitor", "--format", landing_zone, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, check=True)
    assert yaml.safe_load((tmp_path / manifest).read_text())
    [template] = [path for path in Path(tmp_path).rglob("*.yaml") if path.name != manifest]
    assert lint(template) == []


def test_ready_made_templates(tmp_path):
    subprocess.run([*NODE, "src/cli/template/write-ready-made.ts", str(tmp_path)], cwd=ROOT, capture_output=True, check=True)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 4
    assert lint(*files) == []
    for file in files:
        if file.suffix == ".yaml":
            assert yaml.safe_load(file.read_text()) == json.loads(file.with_suffix(".json").read_text())
