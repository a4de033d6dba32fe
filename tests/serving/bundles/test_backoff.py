from serving.bundles.backoff import Backoff


def test_waits_double_up_to_the_longest_and_start_again():
    backoff = Backoff(first_seconds=1, longest_seconds=5)
    assert [backoff.next_seconds() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next_seconds() == 1
