"""The delegation tokens of a cluster (KIP-48), as one of its brokers knows them: made, found, renewed, ended, and swept away.

    api/handlers/create_delegation_token.py and its like  -> token_plans.py decides -> the controller commits
    a client that authenticates with a token (SCRAM)      -> `credential`, `owner`

A token is found by its HMAC by way of a digest of that, so that no look-up compares secrets. Nothing here keeps an HMAC.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.ids import BrokerId
from kafka_compat.metadata.changes import Change, DelegationTokenRemoved, DelegationTokenSet, uuid_text
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.topic_plans import new_topic_id
from kafka_compat.security.principal import USER_TYPE, Principal
from kafka_compat.security.token_plans import (
    is_expired,
    owner_of,
    plan_expiry,
    plan_renewal,
    plan_sweep,
    plan_token,
    token_hmac,
)
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.security.sasl.scram import TokenCredential
    from kafka_compat.security.sasl.scram_credentials import ScramCredential, ScramMechanism

logger = logging.getLogger(__name__)

_SWEPT_AT_ONCE: Final = 1000


class DelegationTokens:
    """What one broker does with tokens; the tokens themselves are in the image.

    Args:
        node_id: of the broker: the controller's sweeps expired tokens away.
        secret_key: of `delegation.token.secret.key`.
        config: the lifetimes.
        clock: whose wall clock tokens live by.
        controller: commits what is decided.
        tasks: own the sweeps.
    """

    def __init__(
        self,
        node_id: BrokerId,
        secret_key: str,
        config: BrokerConfig,
        clock: Clock,
        controller: Controller,
        tasks: Supervisor,
    ) -> None:
        self._node_id = node_id
        self._config = config
        self._clock = clock
        self._controller = controller
        self._tasks = tasks
        self._secret_key = secret_key
        self._timer: TimerHandle | None = None
        # Digest of a token's HMAC to the token's id.
        self._ids: dict[bytes, str] = {}
        # Token id to what its HMAC is checked by, of tokens that somebody has come with.
        self._credentials: dict[str, dict[ScramMechanism, ScramCredential]] = {}

    def start(self) -> None:
        """Know the tokens that there are, follow what becomes of them, and begin to sweep."""
        for token_id in self._controller.image.delegation_tokens:
            self._ids[self._digest(self.hmac(token_id))] = token_id
        self._controller.after_apply.append(self._follow)
        self._arm()

    def close(self) -> None:
        """Follow and sweep no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._follow in self._controller.after_apply:
            self._controller.after_apply.remove(self._follow)

    def hmac(self, token_id: str) -> bytes:
        """The token's secret, which is told to who creates or may describe it."""
        return token_hmac(token_id, self._secret_key)

    async def create(
        self, owner: Principal, requester: Principal, renewers: Sequence[Principal], wanted_lifetime_ms: int
    ) -> DelegationTokenSet:
        """A new token, once it is committed; see `plan_token`. `check_renewers` has let the renewers through.

        Raises:
            KafkaError: the controller's errors.
        """
        token = plan_token(
            uuid_text(new_topic_id()),
            owner,
            requester,
            renewers,
            wanted_lifetime_ms,
            self._clock.wall_ms(),
            max_lifetime_ms=self._config.delegation_token_max_lifetime_ms,
            renew_lifetime_ms=self._config.delegation_token_expiry_time_ms,
        )
        await self._controller.change(lambda image: (token,))
        return token

    async def renew(self, hmac: bytes, requester: Principal, wanted_ms: int) -> int:
        """When the token ends now, in wall clock milliseconds; see `plan_renewal`.

        Raises:
            KafkaError: what the plan refuses; the controller's errors.
        """

        def decide(image: ClusterImage) -> Sequence[DelegationTokenSet]:
            renew_lifetime_ms = self._config.delegation_token_expiry_time_ms
            now_ms = self._clock.wall_ms()
            return (plan_renewal(self._find(hmac), requester, wanted_ms, now_ms, renew_lifetime_ms=renew_lifetime_ms),)

        (token,) = await self._controller.change(decide)
        assert isinstance(token, DelegationTokenSet)
        return token.expires_ms

    async def expire(self, hmac: bytes, requester: Principal, period_ms: int) -> int:
        """When the token ends now, in wall clock milliseconds; see `plan_expiry`.

        Raises:
            KafkaError: what the plan refuses; the controller's errors.
        """
        now_ms = self._clock.wall_ms()
        (change,) = await self._controller.change(lambda image: (plan_expiry(self._find(hmac), requester, period_ms, now_ms),))
        return change.expires_ms if isinstance(change, DelegationTokenSet) else now_ms

    def valid(self, token_id: str) -> DelegationTokenSet | None:
        """The token of that id if one may authenticate with it now; None otherwise.

        Kafka lets expired ones in until they are swept away, which may take an hour.
        """
        token = self._controller.image.delegation_tokens.get(token_id)
        return None if token is None or is_expired(token, self._clock.wall_ms()) else token

    def credential(self, token_id: str, mechanism: ScramMechanism) -> TokenCredential | None:
        """What SCRAM checks the token's HMAC by, which is its password in base64; None unless it is `valid`.

        Raises:
            Later: it is made first, and kept from then on.
        """
        # Imported by brokers that have SASL listeners anyway.
        from kafka_compat.security.sasl.mechanism import Later
        from kafka_compat.security.sasl.scram import TokenCredential

        token = self.valid(token_id)
        if token is None or owner_of(token).type != USER_TYPE:
            return None  # whoever comes by SASL is a user: the token of Team:admin would let User:admin in
        made = self._credentials.get(token_id, {}).get(mechanism)
        if made is None:
            raise Later(partial(self._make_credential, token_id, mechanism))
        return TokenCredential(made, owner_of(token).name, token.expires_ms)

    def _make_credential(self, token_id: str, mechanism: ScramMechanism) -> None:
        """In a thread: a dictionary takes an entry at once."""
        from kafka_compat.security.sasl.scram_credentials import make_credential

        password = base64.b64encode(self.hmac(token_id)).decode()
        made = make_credential(mechanism, password)
        self._credentials.setdefault(token_id, {})[mechanism] = made

    def _find(self, hmac: bytes) -> DelegationTokenSet | None:
        token_id = self._ids.get(self._digest(hmac))
        return None if token_id is None else self._controller.image.delegation_tokens.get(token_id)

    @staticmethod
    def _digest(hmac: bytes) -> bytes:
        return hashlib.sha256(hmac).digest()

    async def _follow(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, DelegationTokenSet):
                self._ids[self._digest(self.hmac(change.token_id))] = change.token_id
            elif isinstance(change, DelegationTokenRemoved):
                self._ids.pop(self._digest(self.hmac(change.token_id)), None)
                self._credentials.pop(change.token_id, None)

    def _arm(self) -> None:
        interval_ms = self._config.delegation_token_expiry_check_interval_ms
        self._timer = self._clock.call_at(self._clock.monotonic_ms() + interval_ms, self._fire)

    def _fire(self) -> None:
        self._arm()
        image = self._controller.image
        if image.controller_id == self._node_id and image.delegation_tokens:
            self._tasks.spawn("sweeping of delegation tokens", self._sweep())

    async def _sweep(self) -> None:
        while True:
            decide = partial(plan_sweep, now_ms=self._clock.wall_ms(), most=_SWEPT_AT_ONCE)
            removed = await self._controller.change(decide)
            if not removed:
                return
            logger.info("%d delegation tokens have expired", len(removed))
