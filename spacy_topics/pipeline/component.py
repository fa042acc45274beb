"""What our components share: spaCy's protocol for one document, a stream of them, and batches that fail."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from spacy.tokens import Doc
from spacy.util import minibatch, raise_error


class BatchComponent:
    """A component that works on batches: a subclass has a `name`, `predict(docs)` and `set_annotations(docs, prediction)`."""

    name: str
    error_handler: Callable[..., Any] = staticmethod(raise_error)

    def predict(self, docs: Sequence[Doc]) -> Any:
        """What the component finds in documents; nothing is set."""
        raise TypeError(f"{type(self).__name__} has no predict")

    def set_annotations(self, docs: Sequence[Doc], prediction: Any) -> None:
        """Set on documents what `predict` found in them."""
        raise TypeError(f"{type(self).__name__} has no set_annotations")

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one document."""
        self.set_annotations([doc], self.predict([doc]))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        """Annotate a stream of documents, a batch at a time; a batch that fails goes to the error handler."""
        for docs in minibatch(stream, size=batch_size):
            try:
                self.set_annotations(docs, self.predict(docs))
            except Exception as error:
                self.error_handler(self.name, self, docs, error)
            else:
                yield from docs

    def get_error_handler(self) -> Callable[..., Any]:
        """spaCy's handler for failing batches; without one, errors are raised."""
        return self.error_handler

    def set_error_handler(self, error_handler: Callable[..., Any]) -> None:
        """Called by `nlp.set_error_handler`."""
        self.error_handler = error_handler
