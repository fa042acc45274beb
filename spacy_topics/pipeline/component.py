"""What our components share: spaCy's protocol for one document and for streams, and the handling of batches that fail."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from spacy.tokens import Doc
from spacy.util import minibatch, raise_error


class BatchComponent:
    """A component that works on batches; a subclass overrides `predict` and `set_annotations`.

    name (str): the component's name.
    error_handler (Callable): spaCy's handler for batches that fail.
    """

    name: str
    error_handler: Callable[..., Any] = staticmethod(raise_error)

    def predict(self, docs: Sequence[Doc]) -> Any:
        """Predict annotations of documents, without setting them.

        docs (Sequence): Docs.
        """
        raise TypeError(f"{type(self).__name__} has no predict")

    def set_annotations(self, docs: Sequence[Doc], prediction: Any) -> None:
        """Set annotations of documents.

        docs (Sequence): Docs.
        prediction (Any): what `predict` returned for them.
        """
        raise TypeError(f"{type(self).__name__} has no set_annotations")

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one document.

        doc (Doc): the document, which is also returned.
        """
        self.set_annotations([doc], self.predict([doc]))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        """Annotate a stream of documents, a batch at a time.

        stream (Iterable): Docs.
        batch_size (int): number of documents per batch.
        YIELDS (Doc): the documents in their order, without those of batches that fail, which go to the error handler.
        """
        for docs in minibatch(stream, size=batch_size):
            try:
                self.set_annotations(docs, self.predict(docs))
            except Exception as error:
                self.error_handler(self.name, self, docs, error)
            else:
                yield from docs

    def get_error_handler(self) -> Callable[..., Any]:
        """spaCy's handler for batches that fail; by default it raises the error."""
        return self.error_handler

    def set_error_handler(self, error_handler: Callable[..., Any]) -> None:
        """Set the handler for batches that fail; called by `nlp.set_error_handler`.

        error_handler (Callable): gets the component's name, the component, the documents and the error.
        """
        self.error_handler = error_handler
