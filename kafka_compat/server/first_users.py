"""SCRAM credentials that a broker has before its listeners open: of the users that it is started with, or of formatting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kafka_compat.metadata.changes import Change, ScramCredentialSet
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.security.sasl.scram_arguments import parse_scram_argument
from kafka_compat.security.sasl.scram_credentials import ScramCredential, ScramMechanism, is_password_of, make_credential


async def put_first_credentials(controller: Controller, arguments: Iterable[str]) -> None:
    """Set the credentials of `--add-scram`, but of users who have another by the mechanism.

    Raises:
        ValueError: an argument is none.
    """
    wanted = [parse_scram_argument(argument) for argument in arguments]

    def missing(image: ClusterImage) -> list[Change]:
        return [each for each in wanted if each.mechanism not in image.scram_credentials.get(each.user, {})]

    await controller.change(missing)


async def put_users(controller: Controller, users: Mapping[str, str], mechanisms: Iterable[ScramMechanism]) -> None:
    """Let users, password by name, authenticate with these mechanisms; what is stored is written only where it differs."""
    if users:
        wanted = list(mechanisms)
        await controller.change(lambda image: _missing(image, users, wanted))


# What was made of a password, or found to be made of it, by mechanism, user and password: that takes a millisecond or more,
# and a test's brokers start again and again with the same users.
_made: dict[tuple[ScramMechanism, str, str], ScramCredential] = {}
_MADE_KEPT: Final = 100


def _missing(image: ClusterImage, users: Mapping[str, str], mechanisms: Sequence[ScramMechanism]) -> list[Change]:
    changes: list[Change] = []
    for name, password in users.items():
        for mechanism in mechanisms:
            key = (mechanism, name, password)
            found = image.scram_credentials.get(name, {}).get(mechanism.code)
            stored = None if found is None else ScramCredential(*found[2:])
            made = _made.get(key)
            if stored is None or (stored != made and not is_password_of(mechanism, stored, password)):
                stored = made or make_credential(mechanism, password)
                changes.append(ScramCredentialSet(name, mechanism.code, *stored))
            if len(_made) >= _MADE_KEPT:
                _made.clear()
            _made[key] = stored
    return changes
