"""Data protection: what identifiers find, what policies are taken, and which events are masked."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from inferwatch.engine.dataprotection.managed import MANAGED, passes_luhn
from inferwatch.engine.dataprotection.mask import Inspected, inspect, mask
from inferwatch.engine.dataprotection.policy import Policy, read_policy
from inferwatch.engine.dataprotection.protection import DataProtection
from inferwatch.model.errors import AwsError, Unsupported

ARN = "arn:aws:dataprotection::aws:data-identifier/"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def _document(*identifiers: str, **more: Any) -> dict[str, Any]:
    names = [name if name.startswith(("arn:", "custom")) else ARN + name for name in identifiers]
    return {
        "Name": "p",
        "Version": "2021-06-01",
        "Statement": [
            {"DataIdentifier": names, "Operation": {"Audit": {"FindingsDestination": {}}}},
            {"DataIdentifier": names, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ],
        **more,
    }


def _policy(*identifiers: str, **custom: str) -> Policy:
    listed = [{"Name": name, "Regex": regex} for name, regex in custom.items()]
    more = {"Configuration": {"CustomDataIdentifier": listed}} if listed else {}
    return read_policy(json.dumps(_document(*identifiers, *custom, **more)))


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("from a.b+c@mail.example.org, now", "from **********************, now"),
        ('{"user":"jo@x.io"}', '{"user":"*******"}'),
        ("a@b, @home, x@y.z", "a@b, @home, x@y.z"),
        ("é jo@x.io é", "é ******* é"),
    ],
)
def test_email_addresses(message: str, shown: str) -> None:
    """A name, an at sign, a domain with a dot."""
    assert mask(message, _policy("EmailAddress")) == shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("GET 10.0.0.12:8080 ok", "GET *********:8080 ok"),
        ("version 1.2.3.4.5", "version 1.2.3.4.5"),
        ("v1.2.3.4 and 256.1.1.1", "v1.2.3.4 and 256.1.1.1"),
        ("from 192.168.0.1.", "from ***********."),
        ("peer fe80::1: refused", "peer *******: refused"),
        ("addr:2001:db8::1 node:2001:db8::2", "addr:*********** node:***********"),
        ("[::1]:80 ::ffff:192.168.1.7", "[***]:80 ******************"),
        ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "***************************************"),
        ("at 12:30:45 std::vector a:b", "at 12:30:45 std::vector a:b"),
        ("::", "::"),
    ],
)
def test_ip_addresses(message: str, shown: str) -> None:
    """IPv4 and IPv6, but no times, versions or C++."""
    assert mask(message, _policy("IpAddress")) == shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("card 4111111111111111 ok", "card **************** ok"),
        ("card 4111 1111 1111 1111 ok", "card ******************* ok"),
        ("card: 2024 4111-1111-1111-1111", "card: 2024 *******************"),
        ("2024 4111 1111 1111 1111 visa", "2024 ******************* visa"),
        ("amex 3782 822463 10005", "amex *****************"),
        ('{"cardNumber":5555555555554444}', '{"cardNumber":****************}'),
        ("card 4111111111111112", "card 4111111111111112"),
        ("card 9111111111111111", "card 9111111111111111"),
        ("order 4111111111111111", "order 4111111111111111"),
        ("company 4111111111111111", "company 4111111111111111"),
        ("pan=4111111111111111", "pan=****************"),
        ("card" + "." * 30 + "4111111111111111", "card" + "." * 30 + "****************"),
        ("card" + "." * 31 + "4111111111111111", "card" + "." * 31 + "4111111111111111"),
        ("card" + "é" * 30 + "4111111111111111", "card" + "é" * 30 + "****************"),
    ],
)
def test_card_numbers(message: str, shown: str) -> None:
    """Luhn's check, an issuer's first digits, and a keyword within 30 characters."""
    assert mask(message, _policy("CreditCardNumber")) == shown


def test_luhn() -> None:
    """The textbook's number passes; any other last digit fails."""
    assert [digit for digit in "0123456789" if passes_luhn("7992739871" + digit)] == ["3"]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (f"aws_secret_access_key = {SECRET}", "aws_secret_access_key = " + "*" * 40),
        (f'{{"awsSecretAccessKey":"{SECRET}"}}', '{"awsSecretAccessKey":"' + "*" * 40 + '"}'),
        (f"digest {SECRET}", f"digest {SECRET}"),
        (f"secret key {SECRET}A", f"secret key {SECRET}A"),
    ],
)
def test_secret_access_keys(message: str, shown: str) -> None:
    """Forty characters by themselves, with a keyword near."""
    assert mask(message, _policy("AwsSecretKey")) == shown


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        (
            "OpenSshPrivateKey",
            "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl+/==\\n-----END OPENSSH PRIVATE KEY-----",
        ),
        (
            "PgpPrivateKey",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1-2\n\nlQOY\n-----END PGP PRIVATE KEY BLOCK-----",
        ),
        ("PkcsPrivateKey", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"),
        ("PkcsPrivateKey", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"),
        ("PuttyPrivateKey", "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 0f9a"),
    ],
)
def test_private_keys(identifier: str, key: str) -> None:
    """From the first line of the block to the last, whole."""
    assert mask(f"key: {key}!", _policy(identifier)) == f"key: {'*' * len(key)}!"


@pytest.mark.parametrize("kind", ["PGP PRIVATE KEY BLOCK", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"])
def test_a_key_cut_short_is_masked_too(kind: str) -> None:
    """Its last line may have been lost."""
    policy = _policy("PgpPrivateKey", "PkcsPrivateKey", "OpenSshPrivateKey")

    assert set(mask(f"-----BEGIN {kind}-----\nMIIE", policy)) == {"*"}


def test_custom_identifiers_are_regular_expressions() -> None:
    """Named in the policy's configuration."""
    policy = _policy(custom_employee=r"EmployeeId-\d{4,9}", custom_word=r"sesame")

    assert mask("EmployeeId-1234 said sesame", policy) == "*************** said ******"


def test_overlapping_finds_are_one_row_of_stars() -> None:
    """And are counted each."""
    policy = _policy("EmailAddress", custom_host=r"x\.io now")

    assert inspect("jo@x.io now", policy) == Inspected("***********", 2)


def test_a_message_without_finds_is_the_same_message() -> None:
    """Even one with half a character in it."""
    assert inspect("a\ud83d", _policy("EmailAddress")) == Inspected("a\ud83d", 0)
    assert mask("\ud83d jo@x.io", _policy("EmailAddress")) == "\ufffd *******"


def test_no_policy_shows_everything() -> None:
    """Nothing is masked by default."""
    assert mask("jo@x.io", None) == "jo@x.io"


@pytest.mark.parametrize(
    "hostile",
    [
        "1234 " * 40_000,
        "1:" * 100_000,
        "4" * 200_000,
        "a@" * 100_000,
        "card 4111111111111111 " * 9_000,
        "A" * 200_000,
    ],
)
def test_a_hostile_message_takes_linear_time(hostile: str) -> None:
    """200 kB of near misses: twice the length takes about twice as long, not four times."""
    policy = _policy(*MANAGED)

    def seconds(message: str) -> float:
        start = time.process_time()
        mask(message, policy)
        return time.process_time() - start

    whole, half = seconds(hostile), seconds(hostile[: len(hostile) // 2])

    assert whole < 3.2 * half + 0.05


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"Version": "2012-10-17"}, 'Version must be "2021-06-01"'),
        ({"Name": ""}, "Name must be text"),
        ({"Extra": 1}, 'it holds "Extra"'),
        ({"Statement": []}, "Statement must hold two"),
        ({"Statement": [7, 7]}, r"Statement\[0\] must be an object"),
        ({"Configuration": []}, "Configuration must be an object"),
        ({"Configuration": {"CustomDataIdentifier": [{}] * 11}}, "at most 10"),
        ({"Configuration": {"CustomDataIdentifier": [{"Name": "a b", "Regex": "x"}]}}, r"\[0\].Name must be"),
        (
            {"Configuration": {"CustomDataIdentifier": [{"Name": "a", "Regex": "(x)"}]}},
            r"\[0\].Regex must be",
        ),
        (
            {"Configuration": {"CustomDataIdentifier": [{"Name": "a", "Regex": "[z-a]"}]}},
            "cannot be compiled",
        ),
        (
            {"Configuration": {"CustomDataIdentifier": [{"Name": "a", "Regex": "x*"}]}},
            "where there is nothing",
        ),
        ({"Configuration": {"CustomDataIdentifier": [{"Name": "IpAddress", "Regex": "x"}]}}, "is taken"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_place(change: dict[str, Any], text: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(AwsError, match=text) as refused:
        read_policy(json.dumps(_document("IpAddress") | change))

    assert refused.value.code == "InvalidParameterException"


@pytest.mark.parametrize(
    "document", ["", "[]", "{", "null", "[" * 100_000, '{"Name": "\\ud83d"}', "x" * 30_721]
)
def test_what_is_no_policy_is_refused(document: str) -> None:
    """Any text gets one clear error."""
    with pytest.raises(AwsError, match="Invalid data protection policy"):
        read_policy(document)


@pytest.mark.parametrize(
    ("number", "operation", "text"),
    [
        (0, {"Deidentify": {"MaskConfig": {}}}, "one Audit and one Deidentify"),
        (0, {"Audit": {}}, "must hold a FindingsDestination"),
        (1, {"Deidentify": {"MaskConfig": {"Char": "#"}}}, 'must be {"MaskConfig": {}}'),
        (1, {"Redact": {}}, "must be one of Audit and Deidentify"),
    ],
)
def test_a_wrong_operation_is_refused(number: int, operation: dict[str, Any], text: str) -> None:
    """Both are needed, exactly as AWS has them."""
    document = _document("IpAddress")
    document["Statement"][number]["Operation"] = operation

    with pytest.raises(AwsError, match=text):
        read_policy(json.dumps(document))


def test_both_statements_name_the_same_identifiers() -> None:
    """What is audited is what is masked."""
    document = _document("IpAddress")
    document["Statement"][1]["DataIdentifier"] = [ARN + "EmailAddress"]

    with pytest.raises(AwsError, match="must be the same"):
        read_policy(json.dumps(document))


def test_an_identifier_we_lack_is_refused_by_name() -> None:
    """Never half a promise."""
    with pytest.raises(Unsupported, match='the data identifier "Ssn-US"'):
        read_policy(json.dumps(_document("EmailAddress", "Ssn-US")))


def test_a_findings_destination_is_refused_by_name() -> None:
    """Audit reports go nowhere here."""
    document = _document("IpAddress")
    document["Statement"][0]["Operation"]["Audit"]["FindingsDestination"] = {"S3": {"Bucket": "b"}}

    with pytest.raises(Unsupported, match=r"audit findings destinations \(S3\)"):
        read_policy(json.dumps(document))


def test_events_keep_the_policy_they_came_in_under() -> None:
    """Before, under, and after: only what came in under it is masked."""
    protection = DataProtection()
    protection.put("g", json.dumps(_document("EmailAddress")), now_ms=100)
    protection.delete("g", now_ms=200)

    shown = [protection.shown("g", "jo@x.io", ingestion_ms) for ingestion_ms in (99, 100, 199, 200)]

    assert shown == ["jo@x.io", "*******", "*******", "jo@x.io"]
    assert protection.shown("other", "jo@x.io", 150) == "jo@x.io"


def test_a_policy_refused_leaves_the_one_before() -> None:
    """Nothing half-done."""
    protection = DataProtection()
    document = json.dumps(_document("EmailAddress"))
    protection.put("g", document, now_ms=100)

    with pytest.raises(AwsError):
        protection.put("g", "{}", now_ms=200)

    policy = protection.policy("g")
    assert policy is not None
    assert (policy.document, protection.updated_ms("g"), protection.status("g")) == (
        document,
        100,
        "ACTIVATED",
    )


def test_a_deleted_policy_is_gone() -> None:
    """Deleting again passes; a deleted group takes its history along."""
    protection = DataProtection()
    protection.put("g", json.dumps(_document("EmailAddress")), now_ms=100)
    protection.delete("g", now_ms=200)
    protection.delete("g", now_ms=300)
    protection.delete("never", now_ms=300)

    assert (protection.policy("g"), protection.updated_ms("g"), protection.status("g")) == (
        None,
        None,
        "DELETED",
    )
    assert protection.status("never") is None

    protection.forget_group("g")
    assert protection.status("g") is None
