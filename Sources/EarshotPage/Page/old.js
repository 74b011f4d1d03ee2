/* Runs in every browser, and says so in one in which the page cannot run: it needs one of 2023 or later. */
(function () {
  if (Array.prototype.with && window.BroadcastChannel && window.CSS && CSS.supports('color', 'color-mix(in srgb, red, blue)')) return;
  var german = /^de/.test(navigator.language);
  document.querySelector('es-app').textContent = german
    ? 'Die Seite von Earshot braucht einen Browser von 2023 oder später.'
    : 'Earshot’s page needs a browser of 2023 or later.';
}());
