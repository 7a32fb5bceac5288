"""The jars without a database, for the suite that both repositories have to pass."""

from typing import ClassVar

from jars import Jar, LabelTaken

from babyowl_chassis.testing.memory import MemoryRepository, MemoryStore, MemoryUnitOfWork
from babyowl_chassis.unit_of_work import ConstraintViolated


class MemoryJars(MemoryRepository[Jar]):
    aggregate = Jar

    def add(self, aggregate: Jar) -> None:
        stored = self._uow.store.aggregates.get(Jar, {}).values()
        if any(isinstance(other, Jar) and other.label == aggregate.label for other in stored):
            raise ConstraintViolated("uq_jars_label")
        super().add(aggregate)


class MemoryJarUnitOfWork(MemoryUnitOfWork):
    constraints: ClassVar = {"uq_jars_label": LabelTaken()}

    def __init__(self, store: MemoryStore, *, locking: bool = False) -> None:
        super().__init__(store, locking=locking)
        self.jars = MemoryJars(self)
