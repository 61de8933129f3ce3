from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner import murmur2

from streams.kafka.partitioning import partition_of


@given(st.binary(), st.integers(1, 256))
def test_a_key_falls_where_another_client_puts_it(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (murmur2(key) & 0x7FFFFFFF) % partitions


def test_keys_fall_where_java_puts_them() -> None:
    # Of Kafka's own test of its default partitioner's hash.
    assert [partition_of(key, 1 << 31) for key in (b"21", b"foobar", b"abc")] == [
        -973932308 & 0x7FFFFFFF,
        -790332482 & 0x7FFFFFFF,
        479470107,
    ]
