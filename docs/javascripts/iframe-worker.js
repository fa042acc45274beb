// Browsers start no worker for a page that is opened from a file. The search then runs in a hidden frame instead.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.worker = this;
      frame.srcdoc =
        "<script>postMessage = data => frameElement.worker.dispatchEvent(new MessageEvent('message', {data}))</script>" +
        `<script src="${url}"></script>`;
      this.started = new Promise(started => frame.addEventListener("load", () => started(frame.contentWindow)));
      document.head.appendChild(frame);
    }

    postMessage(data) {
      this.started.then(inside => inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
