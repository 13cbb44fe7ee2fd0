"""For every API: each array of its request as long as a frame holds, of empty entries, of existing ones, of new ones."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.registry import request_class
from scripts.soak_support.hostile_valid.batches import small_batch
from scripts.soak_support.hostile_valid.frames import Kind, Path, array_paths, wide_frame
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.world import World

# Beside the highest version, the last that names topics instead of giving their ids.
_BY_NAME = {ApiKey.PRODUCE: 12, ApiKey.FETCH: 12, ApiKey.OFFSET_COMMIT: 9, ApiKey.OFFSET_FETCH: 9, ApiKey.METADATA: 9}
_KINDS: tuple[Kind, ...] = ("empty", "existing", "distinct")
# The tests' round takes a tenth of these: what was quadratic or large once.
_SHORT_SCALE = 0.1
_SHORT = {
    (ApiKey.DESCRIBE_GROUPS, "empty"),
    (ApiKey.DELETE_GROUPS, "distinct"),
    (ApiKey.OFFSET_COMMIT, "distinct"),
    (ApiKey.LEAVE_GROUP, "distinct"),
}

_OUTER = {("groups",), ("groups_names",), ("topics",), ("members",)}


def cases(megabytes: tuple[float, ...]) -> Iterator[Case]:
    """A case for each API, version, array, kind and frame size in MB."""
    for key, handler in HANDLERS.items():
        api = ApiKey(key)
        versions = [handler.max_version, *([_BY_NAME[api]] if api in _BY_NAME else [])]
        for version in versions:
            for path in array_paths(request_class(key), version):
                for kind in _KINDS:
                    for size in megabytes:
                        yield _case(api, version, path, kind, size, first=version == versions[-1])


def _case(api: ApiKey, version: int, path: Path, kind: Kind, megabytes: float, *, first: bool) -> Case:
    def run(world: World) -> None:
        size = int(megabytes * 1e6 * world.scale)
        wide = wide_frame(api, version, path, kind, frame_bytes=size, existing=world.existing, records=small_batch())
        world.notes.append(f"{wide.entries:,} entries")
        with world.measured():
            world.send(wide.frame, api=(api, version))

    name = f"wide-{api.name.lower().replace('_', '-')}-v{version}-{'.'.join(path)}-{kind}-{megabytes:g}MB"
    return Case(
        name,
        f"{api.name} v{version}: {megabytes:g} MB of {kind} entries in {'.'.join(path)}",
        run,
        short=_SHORT_SCALE if first and path in _OUTER and (api, kind) in _SHORT else None,
        many_topics=api in {ApiKey.CREATE_TOPICS, ApiKey.METADATA, ApiKey.DELETE_TOPICS},
    )
