"""What code hosts and pre-commit read of this repository, by their own parsers."""

import places

import clients


def test_pre_commit_takes_the_hooks(tmp_path):
    manifest = places.ROOT / ".pre-commit-hooks.yaml"
    ran = clients.run_program(["-m", "pre_commit", "validate-manifest", str(manifest)], tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_github_takes_the_action(tmp_path):
    action = places.ROOT / ".github" / "actions" / "scan" / "action.yml"
    words = ["-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", str(action)]
    ran = clients.run_program(words, tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
