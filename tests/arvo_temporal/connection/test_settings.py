"""Connection settings: Temporal's own, and clear words when they cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.service import TLSConfig

from arvo_temporal.connection import SettingsError, load_settings, task_queue
from tests.certificates import authority

CA = authority("the CA")
CLIENT = CA.issue("client")
DAMAGED = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
CERTIFICATES = ("SERVER_CA_CERT", "CLIENT_CERT")


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


def refused(environment: dict[str, str]) -> str:
    """Return why settings are refused: in one line."""
    with pytest.raises(SettingsError) as raised:
        load_settings(environment=environment)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def credentials(path: Path, **content: str | bytes) -> dict[str, str]:
    """Write a client's certificate and key, the CA, or what stands instead; return the variables that name them."""
    everything: dict[str, str | bytes] = {"CLIENT_CERT": CLIENT.cert_pem, "CLIENT_KEY": CLIENT.key_pem, **content}
    for name, text in everything.items():
        (path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return {f"TEMPORAL_TLS_{name}_PATH": str(path / name) for name in everything}


def without(environment: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in environment.items() if key != name}


def test_certificates_and_keys_are_read(tmp_path: Path) -> None:
    tls = load_settings(environment=credentials(tmp_path, SERVER_CA_CERT=CA.cert_pem)).options["tls"]
    assert isinstance(tls, TLSConfig)
    assert (tls.server_root_ca_cert, tls.client_cert) == (CA.cert_pem.encode(), CLIENT.cert_pem.encode())
    assert tls.client_private_key == CLIENT.key_pem.encode()


@pytest.mark.parametrize(("missing", "left"), [("CLIENT_KEY", "CLIENT_CERT"), ("CLIENT_CERT", "CLIENT_KEY")])
def test_a_certificate_and_its_key_go_together(tmp_path: Path, missing: str, left: str) -> None:
    message = refused(without(credentials(tmp_path), f"TEMPORAL_TLS_{missing}_PATH"))
    assert message.startswith(f"TEMPORAL_TLS_{left}_PATH ({tmp_path}/{left}) is set without its ")
    assert f"set TEMPORAL_TLS_{missing}_PATH" in message


@pytest.mark.parametrize("name", CERTIFICATES)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no certificate in PEM, it is empty"),
        ("hello", "holds no certificate in PEM"),
        (CLIENT.key_pem, "holds no certificate in PEM, but a block 'PRIVATE KEY'"),
        (CLIENT.der, "openssl x509 -inform der"),
        (DAMAGED, "holds a damaged certificate"),
        (CLIENT.cert_pem[:200], "holds no certificate in PEM"),
        (CLIENT.cert_pem.replace("M", "#"), "holds a damaged certificate"),
    ],
    ids=["empty", "text", "key", "DER", "damaged", "cut off", "no base64"],
)
def test_a_file_without_a_certificate_is_named(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    message = refused(credentials(tmp_path, **{name: content}))
    assert f"TEMPORAL_TLS_{name}_PATH ({tmp_path}/{name})" in message
    assert says in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no private key in PEM, it is empty"),
        (CLIENT.cert_pem, "but a block 'CERTIFICATE'"),
        (CLIENT.key_with_passphrase(), "a key with a passphrase"),
    ],
    ids=["empty", "certificate", "passphrase"],
)
def test_a_file_without_a_key_is_named(tmp_path: Path, content: str, says: str) -> None:
    message = refused(credentials(tmp_path, CLIENT_KEY=content))
    assert f"TEMPORAL_TLS_CLIENT_KEY_PATH ({tmp_path}/CLIENT_KEY)" in message
    assert says in message


@pytest.mark.parametrize("name", [*CERTIFICATES, "CLIENT_KEY"])
@pytest.mark.parametrize("place", ["absent.pem", "."], ids=["absent", "a folder"])
def test_a_file_that_cannot_be_read_is_named_with_its_setting(tmp_path: Path, name: str, place: str) -> None:
    environment = {**credentials(tmp_path), f"TEMPORAL_TLS_{name}_PATH": str(tmp_path / place)}
    assert f"TEMPORAL_TLS_{name}_PATH ({tmp_path / place}) names a file that cannot be read" in refused(environment)


def test_certificates_of_a_profile_are_named_by_it(tmp_path: Path) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.shop.tls]\nclient_cert_path = "absent.pem"\n')
    message = refused({"TEMPORAL_CONFIG_FILE": str(file), "TEMPORAL_PROFILE": "shop"})
    assert message.startswith("client_cert_path of the profile 'shop' (absent.pem) names a file that cannot be read")


def test_certificates_as_data_are_named_by_their_variable() -> None:
    assert refused({"TEMPORAL_TLS_SERVER_CA_CERT_DATA": "x"}).startswith("TEMPORAL_TLS_SERVER_CA_CERT_DATA holds no")


def test_where_tls_is_off_its_files_are_not_asked_for() -> None:
    environment = {"TEMPORAL_TLS": "false", "TEMPORAL_TLS_CLIENT_CERT_PATH": "absent.pem"}
    assert load_settings(environment=environment).options["tls"] is False


def test_variables_that_are_empty_count_as_not_set() -> None:
    names = ("ADDRESS", "NAMESPACE", "API_KEY", "PROFILE", "CONFIG_FILE", "TLS", "TLS_CLIENT_CERT_PATH")
    settings = load_settings(environment={f"TEMPORAL_{name}": "" for name in names})
    assert settings == load_settings(environment={})
    assert not settings.options


@pytest.mark.parametrize("key", ["secret\n", " secret", "sec\tret", "s\u00e9cret"])
def test_an_api_key_that_would_not_be_sent_is_refused_and_not_shown(key: str) -> None:
    message = refused({"TEMPORAL_API_KEY": key})
    assert "TEMPORAL_API_KEY" in message
    assert "cret" not in message


@pytest.mark.parametrize("value", ["yes", "no", "on", "2"])
def test_what_says_neither_yes_nor_no_is_refused(value: str) -> None:
    assert f"TEMPORAL_TLS is '{value}'" in refused({"TEMPORAL_TLS": value})


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION": "true"}, "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is not supported"),
        ({"TEMPORAL_TLS_CERT": "a.pem"}, "TEMPORAL_TLS_CERT among Temporal's environment variables"),
        ({"TEMPORAL_TLS_CLIENT_CERT": "a.pem"}, "write TEMPORAL_TLS_CLIENT_CERT_"),
        ({"TEMPORAL_TLS_CA": "a.pem"}, "There is no setting TEMPORAL_TLS_CA"),
    ],
)
def test_a_variable_that_would_change_nothing_is_refused(environment: dict[str, str], says: str) -> None:
    assert says in refused(environment)


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        ("[profile.default.tls]\ndisable_host_verification = true", "disable_host_verification, under tls in the pr"),
        ('[profile.default.tls]\nclient_cert_pth = "a.pem"', "no setting client_cert_pth under tls in the profile"),
        ('[profile.default.tls]\nclient-cert-path = "a.pem"', "write client_cert_path"),
        ('[profile.default]\nadress = "a:1"', "write address"),
        ("[profile.default]\nretries = 3", "no setting retries in the profile 'default' of"),
    ],
)
def test_a_key_of_a_profile_that_would_change_nothing_is_refused(tmp_path: Path, profile: str, says: str) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text(profile)
    message = refused({"TEMPORAL_CONFIG_FILE": str(file)})
    assert says in message
    assert str(file) in message


def test_keys_of_other_profiles_and_a_verification_that_stays_on_are_nobodys_business(tmp_path: Path) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text("[profile.other]\nx = 1\n[profile.default.tls]\ndisable_host_verification = false\n")
    assert load_settings(environment={"TEMPORAL_CONFIG_FILE": str(file)}).options["tls"]


def test_a_file_without_profiles_is_told(tmp_path: Path) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profiles.default]\naddress = "a:1"\n')
    assert "write profile" in refused({"TEMPORAL_CONFIG_FILE": str(file)})


def test_the_profiles_that_there_are_are_told(tmp_path: Path) -> None:
    file = profile_file(tmp_path / "temporal.toml")
    message = refused({"TEMPORAL_CONFIG_FILE": str(file), "TEMPORAL_PROFILE": "stagin"})
    assert f"'stagin' not found in {file}: it has default, shop" in message


def test_the_file_of_the_user_is_looked_at_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "temporalio").mkdir()
    (tmp_path / "temporalio" / "temporal.toml").write_text('[profile.default]\nadress = "a:1"\n')
    assert "There is no setting adress" in refused({})
