// The playground's calls. They go to paths of this page's own, with the bodies, events and errors of the API; without a script the form does the same.
(() => {
  "use strict";
  const page = document.querySelector("[data-playground]");
  if (!page) return;
  const form = page.querySelector("form");
  const find = name => page.querySelector(`[data-${name}]`);
  const [price, status, refusal, images, facts, cancel] = ["quote", "status", "refusal", "images", "facts", "cancel"].map(find);
  const draw = form.querySelector("button[value='draw']");
  const field = name => form.elements.namedItem(name);
  const mark = form.querySelector("input[name='__RequestVerificationToken']").value;
  const root = page.dataset.playground;

  for (const each of page.querySelectorAll("[data-unscripted]")) each.hidden = true;
  for (const each of page.querySelectorAll("[data-scripted]")) each.hidden = each.disabled = false;

  // A model has its own sizes, qualities and formats.
  function fitChoices() {
    const model = field("model").value;
    for (const option of form.querySelectorAll("option[data-models]")) {
      option.hidden = option.disabled = !option.dataset.models.split(" ").includes(model);
      if (option.disabled && option.selected) option.parentElement.selectedIndex = [...option.parentElement.options].findIndex(each => !each.dataset.models?.length || each.dataset.models.split(" ").includes(model));
    }
    field("partial_images").disabled = field("n").value !== "1";
  }

  // Exactly what is sent: streamed where it is one image, for only then there are partial ones.
  function body() {
    const call = { model: field("model").value, prompt: field("prompt").value, size: field("size").value, quality: field("quality").value };
    if (field("output_format").value !== "png") call.output_format = field("output_format").value;
    const [count, partials] = [Number(field("n").value), Number(field("partial_images").value)];
    if (count !== 1) call.n = count;
    else if (partials > 0) Object.assign(call, { stream: true, partial_images: partials });
    return JSON.stringify(call);
  }

  const ofKey = what => `${root}/keys/${encodeURIComponent(field("key").value)}/${what}`;
  const post = (path, json, signal, headers = {}) =>
    fetch(path, { method: "POST", body: json, signal, redirect: "manual", headers: { "Content-Type": "application/json", RequestVerificationToken: mark, ...headers } });

  async function errorOf(answer) {
    if (answer.type === "opaqueredirect") return { message: "You are signed out. Nothing was drawn: open this page again to sign in." };
    try {
      return told(await answer.json());
    } catch {
      return { message: "The answer could not be read. Look among the requests for what became of it." };
    }
  }

  // A request that goes on is found under its id.
  const told = json => ({ message: json.error.message, code: json.error.code, param: json.error.param, request: json.error.code === "still_generating" ? json.request_id : null });

  // The quote and the code follow the form, a moment after the last key.
  let timer = 0;
  let asking = null;
  const ask = () => { clearTimeout(timer); timer = setTimeout(askNow, 350); };

  async function askNow() {
    asking?.abort();
    const { signal } = asking = new AbortController();
    if (field("prompt").value === "") return show(price, "A prompt is missing.");
    try {
      const json = body();
      const [quote, code] = await Promise.all([post(ofKey("quotes"), json, signal), post(`${root}/code`, json, signal)]);
      if (quote.ok) showQuote(await quote.json());
      else show(price, (await errorOf(quote)).message);
      if (code.ok) showCode(await code.json());
    } catch {
      if (!signal.aborted) show(price, "The price cannot be asked just now.");
    }
  }

  function showQuote(quote) {
    const parts = quote.lines.filter(line => line.quantity > 0).map(line => `${line.quantity} ${line.item.replaceAll("_", " ")} $${line.amount_usd}`);
    const money = element("span", "At most ");
    money.append(amount(quote.quote_usd), quote.livemode ? "" : " of play money", `, about ${quote.expected_seconds} s.`);
    price.replaceChildren(money, element("span", parts.join(" + "), "note"));
  }

  function showCode(code) {
    for (const figure of document.querySelectorAll("[data-codes] figure[data-language]")) {
      if (code[figure.dataset.language]) figure.querySelector("code").textContent = code[figure.dataset.language];
    }
  }

  // Drawing. Under a key of its own: what the network sends twice is drawn and paid once.
  let drawing = null;

  async function start() {
    if (drawing) return;
    drawing = new AbortController();
    const begun = Date.now();
    const ticking = setInterval(() => show(draw, `Drawing… ${Math.round((Date.now() - begun) / 1000)} s`), 1000);
    draw.setAttribute("aria-disabled", "true");
    cancel.hidden = false;
    refusal.replaceChildren();
    images.replaceChildren();
    facts.replaceChildren();
    images.setAttribute("aria-busy", "true");
    show(status, "Drawing…");
    status.scrollIntoView({ block: "nearest" });
    let id = null;
    try {
      const answer = await post(ofKey("generations"), body(), drawing.signal, { "Idempotency-Key": once() });
      id = answer.headers.get("x-request-id");
      if (!answer.ok) refuse(await errorOf(answer));
      else if (answer.headers.get("Content-Type").startsWith("text/event-stream")) await read(answer);
      else finish(await answer.json());
    } catch {
      stop(drawing.signal.aborted ? "You stopped waiting. If the image is drawn it is charged and kept:" : "The connection broke. If the image is drawn it is charged and kept:", id);
    } finally {
      clearInterval(ticking);
      const wasAtCancel = document.activeElement === cancel;
      drawing = null;
      show(draw, "Draw");
      draw.removeAttribute("aria-disabled");
      cancel.hidden = true;
      images.removeAttribute("aria-busy");
      if (wasAtCancel) draw.focus();
    }
  }

  async function read(answer) {
    let isOver = false;
    for await (const event of events(answer.body)) {
      const json = JSON.parse(event);
      if (json.type === "image_generation.partial_image") {
        show(status, `Drawing… partial image ${json.partial_image_index + 1}`);
        images.replaceChildren(image(json, "partial"));
      } else if (json.type === "image_generation.completed") {
        isOver = true;
        finish({ ...json, data: [json] });
      } else if (json.type === "error") {
        isOver = true;
        images.replaceChildren();
        refuse(told(json));
      }
    }
    if (!isOver) throw new Error("The stream ended in the middle.");
  }

  // The data of each server-sent event; comments, which keep the connection alive, have none.
  async function* events(stream) {
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    let parts = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      let from = 0;
      for (let end = next.value.indexOf("\n"); end >= 0; end = next.value.indexOf("\n", from)) {
        const line = parts.join("") + next.value.slice(from, end);
        parts = [];
        from = end + 1;
        if (line.startsWith("data: ")) yield line.slice(6);
      }
      parts.push(next.value.slice(from));
    }
  }

  function finish(answer) {
    images.replaceChildren(...answer.data.map(each => image({ ...each, output_format: answer.output_format })));
    fact("Cost", amount(answer.cost.amount_usd), answer.livemode ? "" : " of play money");
    fact("Quote", amount(answer.cost.quote_usd));
    fact("Request", link(answer.id));
    const count = answer.data.length;
    const missing = answer.cost.images_requested > count ? ` The content filter left out ${answer.cost.images_requested - count}, which cost nothing.` : "";
    show(status, `Done: ${count === 1 ? "one image" : `${count} images`} for $${answer.cost.amount_usd}.${missing}`);
  }

  function refuse({ message, code, param, request }) {
    show(status, request ? "It takes longer than this page waits." : "Nothing was drawn.");
    const notice = element("div", "", "notice bad");
    notice.setAttribute("role", "alert");
    const more = element("p");
    if (code) more.append(Object.assign(element("a", code), { href: `/docs/errors#${code}` }));
    if (request) more.append(", ", link(request));
    notice.append(element("p", message), more);
    refusal.replaceChildren(notice);
    const wrong = param && field(param);
    if (wrong?.focus) wrong.focus();
  }

  function stop(text, id) {
    images.replaceChildren();
    show(status, "Not waiting any more.");
    const notice = element("div", "", "notice attention");
    const where = element("p", text + " ");
    where.append(id ? link(id) : Object.assign(element("a", "requests"), { href: root.replace(/[^/]+$/, "requests") }));
    notice.append(where);
    refusal.replaceChildren(notice);
  }

  function image(part, kind = "") {
    const shown = element("img", "", kind);
    shown.src = `data:image/${part.output_format};base64,${part.b64_json}`;
    shown.alt = kind ? "Not finished yet" : field("prompt").value.slice(0, 200);
    return shown;
  }

  const once = () => [...crypto.getRandomValues(new Uint8Array(16))].map(each => each.toString(16).padStart(2, "0")).join("");
  const link = id => Object.assign(element("a", id, "mono"), { href: `${root.replace(/[^/]+$/, "requests")}/${encodeURIComponent(id)}` });
  const show = (at, text) => { at.textContent = text; };

  function element(name, text = "", kind = "") {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  // Cents in ink, what is below them in grey, as everywhere.
  function amount(usd) {
    const money = element("data", "$" + usd.slice(0, -4), "money");
    money.value = usd;
    money.append(element("span", usd.slice(-4), "micro"));
    return money;
  }

  function fact(name, ...values) {
    const [row, value] = [element("div"), element("dd")];
    value.append(...values);
    row.append(element("dt", name), value);
    facts.append(row);
  }

  form.addEventListener("submit", event => { event.preventDefault(); start(); });
  cancel.addEventListener("click", () => drawing?.abort());
  form.addEventListener("input", () => { fitChoices(); ask(); });
  fitChoices();
  askNow();
})();
