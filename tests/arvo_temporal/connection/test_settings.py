"""Connection settings: Temporal's own, and clear words when they cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from arvo_temporal.connection import SettingsError, load_settings, task_queue


def profile_file(path: Path) -> Path:
    path.write_text(
        '[profile.default]\naddress = "one:7233"\n[profile.shop]\naddress = "two:7233"\nnamespace = "shop"\n'
    )
    return path


def test_without_any_setting_it_is_the_local_default() -> None:
    settings = load_settings(environment={})
    assert (settings.address, settings.namespace) == ("localhost:7233", "default")


def test_the_environment_variables_of_temporal_are_followed() -> None:
    environment = {"TEMPORAL_ADDRESS": "there:7233", "TEMPORAL_NAMESPACE": "shop", "TEMPORAL_API_KEY": "secret"}
    settings = load_settings(environment=environment)
    assert (settings.address, settings.namespace) == ("there:7233", "shop")
    assert settings.options["api_key"] == "secret"
    assert settings.options["tls"] is True


def test_secrets_are_not_printed() -> None:
    assert "secret" not in repr(load_settings(environment={"TEMPORAL_API_KEY": "secret"}))


def test_profiles_of_temporals_file_are_followed(tmp_path: Path) -> None:
    environment = {"TEMPORAL_CONFIG_FILE": str(profile_file(tmp_path / "temporal.toml"))}
    assert load_settings(environment=environment).address == "one:7233"
    assert load_settings(environment=environment, profile="shop").namespace == "shop"
    assert load_settings(environment={**environment, "TEMPORAL_PROFILE": "shop"}).address == "two:7233"


def test_what_is_given_wins() -> None:
    settings = load_settings(
        address="mine:1", namespace="own", environment={"TEMPORAL_ADDRESS": "x:2", "TEMPORAL_NAMESPACE": "y"}
    )
    assert (settings.address, settings.namespace) == ("mine:1", "own")


def test_a_missing_file_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"TEMPORAL_CONFIG_FILE names .*nowhere\.toml"):
        load_settings(environment={"TEMPORAL_CONFIG_FILE": str(tmp_path / "nowhere.toml")})


def test_a_malformed_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[profile.default\n")
    with pytest.raises(SettingsError, match=r"unclosed table[\s\S]*broken\.toml"):
        load_settings(environment={"TEMPORAL_CONFIG_FILE": str(broken)})


def test_a_missing_profile_is_named(tmp_path: Path) -> None:
    environment = {"TEMPORAL_CONFIG_FILE": str(profile_file(tmp_path / "temporal.toml"))}
    with pytest.raises(SettingsError, match="'staging' not found"):
        load_settings(environment=environment, profile="staging")


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"client\.pem"):
        load_settings(environment={"TEMPORAL_TLS_CLIENT_CERT_PATH": str(tmp_path / "client.pem")})


def test_the_task_queue_is_the_given_one_or_that_of_the_environment_or_that_of_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ARVO_TASK_QUEUE", raising=False)
    assert task_queue() == "arvo"
    assert task_queue(None, "orders") == "orders"
    monkeypatch.setenv("ARVO_TASK_QUEUE", "elsewhere")
    assert task_queue(None, "orders") == "elsewhere"
    assert task_queue("given", "orders") == "given"
