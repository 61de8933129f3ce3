"""Which partition a key falls into, as every Kafka producer has it."""


def partition_of(key: bytes, partitions: int) -> int:
    """By murmur2, as Java's default partitioner and aiokafka's."""
    from aiokafka.partitioner import murmur2

    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
