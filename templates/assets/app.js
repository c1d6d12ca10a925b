// Small conveniences; every page works without them.
"use strict";

const LOGGED_OUT = "Not saved: you are logged out. Log in again in another window; what stands here stays.";
const NOT_SAVED = "Not saved. Copy what you typed before you leave this page.";
const KEPT = "kept-form";

// A form that was sent can't be sent twice by a double click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.keep !== undefined) keep(form);
  if (form.dataset.once === undefined) return;
  form.dataset.sent = "";
  window.setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach((form) => {
  delete form.dataset.sent;
  form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
}));

// A draft that is saved while its form is being sent would outlive the request that it became.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "draft-status" && document.querySelector("form[data-sent]")) event.preventDefault();
});

// Logging in again in another window changes the token of forms: what stands in this one can still be saved and sent.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "draft-status") event.detail.parameters.csrfmiddlewaretoken = renewToken();
});
document.addEventListener("submit", (event) => {
  if (event.target.id === "request-form") renewToken();
});

// Whoever is logged out is answered with a whole page: it doesn't belong into a part of this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  const elsewhere = Boolean(xhr.responseURL) && pathOf(xhr.responseURL) !== pathOf(pathInfo.requestPath);
  if (elsewhere) event.detail.shouldSwap = false;
  if (event.target.id === "progress" && elsewhere) location.reload();
  if (event.target.id === "draft-status") tell(event.target, elsewhere ? LOGGED_OUT : xhr.status >= 400 ? NOT_SAVED : "");
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.target.id === "draft-status") tell(event.target, NOT_SAVED);
});

function renewToken() {
  const field = document.querySelector("#request-form [name=csrfmiddlewaretoken]");
  field.value = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? field.value;
  return field.value;
}
function pathOf(address) {
  return new URL(address, location.href).pathname;
}
function tell(status, trouble) {
  status.classList.toggle("field-error", trouble !== "");
  if (trouble) status.textContent = trouble;
}

// Whoever is asked again who they are comes back to a fresh form: what was typed waits in this tab until then.
function keep(form) {
  const texts = [...form.querySelectorAll("textarea")].map((area) => [area.id, area.value]);
  sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, texts }));
}
function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept === null || location.pathname.startsWith("/account/")) return;
  sessionStorage.removeItem(KEPT);
  if (kept.path !== location.pathname) return;
  kept.texts.forEach(([id, text]) => { const area = document.getElementById(id); if (area) area.value = text; });
}
restore();

// A ready text is copied whole; where the browser refuses, it is marked, to be copied by hand.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button === null) return;
  const area = document.getElementById(button.dataset.copy);
  area.select();
  navigator.clipboard?.writeText(area.value).then(() => { button.textContent = "Copied"; }, () => {});
});
