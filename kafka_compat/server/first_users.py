"""SCRAM credentials that a broker has before its listeners open: of the users that it is started with, or of formatting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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


def _missing(image: ClusterImage, users: Mapping[str, str], mechanisms: Sequence[ScramMechanism]) -> list[Change]:
    changes: list[Change] = []
    for name, password in users.items():
        for mechanism in mechanisms:
            stored = image.scram_credentials.get(name, {}).get(mechanism.code)
            if stored is None or not is_password_of(mechanism, ScramCredential(*stored[2:]), password):
                changes.append(ScramCredentialSet(name, mechanism.code, *make_credential(mechanism, password)))
    return changes
