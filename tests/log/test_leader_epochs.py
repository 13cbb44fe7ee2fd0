from kafka_compat.log.leader_epochs import LeaderEpochs


def epochs_of(*entries: tuple[int, int]) -> LeaderEpochs:
    epochs = LeaderEpochs()
    for epoch, start in entries:
        epochs.assign(epoch, start)
    return epochs


def test_unknown_epochs_have_no_end_offset() -> None:
    epochs = epochs_of((2, 10), (4, 20))
    assert epochs.end_offset_for(-1, 30) == (-1, -1)
    assert epochs.end_offset_for(5, 30) == (-1, -1)
    assert LeaderEpochs().end_offset_for(0, 30) == (-1, -1)


def test_an_epoch_ends_where_the_next_one_begins() -> None:
    epochs = epochs_of((2, 10), (4, 20))
    assert epochs.end_offset_for(2, 30) == (2, 20)
    assert epochs.end_offset_for(3, 30) == (2, 20)


def test_the_latest_epoch_ends_at_the_log_end() -> None:
    assert epochs_of((2, 10), (4, 20)).end_offset_for(4, 30) == (4, 30)


def test_an_epoch_before_the_first_known_ends_at_its_start() -> None:
    assert epochs_of((2, 10), (4, 20)).end_offset_for(1, 30) == (1, 10)


def test_assigning_the_same_epoch_again_changes_nothing() -> None:
    epochs = epochs_of((2, 10))
    assert not epochs.assign(2, 15)
    assert epochs.entries == [(2, 10)]


def test_contradicting_entries_are_dropped() -> None:
    epochs = epochs_of((2, 10), (3, 20), (4, 30))
    assert epochs.assign(5, 20)
    assert epochs.entries == [(2, 10), (5, 20)]


def test_epoch_for_offset_is_the_one_that_contains_it() -> None:
    epochs = epochs_of((2, 10), (4, 20))
    assert [epochs.epoch_for_offset(offset) for offset in (9, 10, 19, 20, 99)] == [-1, 2, 2, 4, 4]


def test_truncation_keeps_the_epoch_that_contains_the_new_start() -> None:
    epochs = epochs_of((2, 10), (4, 20), (6, 30))
    epochs.truncate_from_start(25)
    assert epochs.entries == [(4, 25), (6, 30)]
    epochs.truncate_from_end(30)
    assert epochs.entries == [(4, 25)]


def test_what_is_encoded_is_read_back() -> None:
    epochs = epochs_of((0, 0), (7, 1 << 40))
    assert LeaderEpochs.decode(epochs.encode()).entries == epochs.entries
