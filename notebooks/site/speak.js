// Says on every page in one sentence what this browser or host lacks, and what helps. A classic script:
// it must run where modules do not, from disk too. It is its own probe of workers: as a worker it just answers.
(() => {
  if (typeof document === 'undefined') return postMessage('alive');

  var SENTENCES = {
    disk: 'This page was opened from disk, and browsers start no scripts from there: serve the folder, with npm run serve or python3 -m http.server, and open the address that says.',
    wasm: 'This browser runs no WebAssembly, so models train in plain JavaScript and slowly: allow it for this page (a lockdown mode switches it off), or take another browser.',
    simd: 'The WebAssembly of this browser has no SIMD, so models train in plain JavaScript and slowly: Chrome 91, Firefox 89, Safari 16.4 and later have it.',
    workers:
      'This page may not start workers, so nothing can train here: the web host or an add-on of the browser forbids them; try a window without add-ons, or npm run serve.',
  };

  // The shortest module with a SIMD instruction: (func (result v128) i32.const 0 i8x16.splat)
  var SIMD = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
  ];

  function say(what) {
    if (document.getElementById(`failure-${what}`)) return;
    var sentence = document.createElement('p');
    sentence.id = `failure-${what}`;
    sentence.className = 'failure';
    sentence.setAttribute('role', 'alert');
    sentence.textContent = SENTENCES[what];
    var bar = document.querySelector('nav.top');
    bar.parentNode.insertBefore(sentence, bar.nextSibling);
  }

  function probeWorkers() {
    var probe;
    try {
      probe = new Worker('./speak.js');
      probe.onmessage = () => {
        probe.terminate();
      };
      probe.onerror = () => {
        say('workers');
      };
    } catch (_) {
      say('workers');
    }
  }

  if (location.protocol === 'file:') {
    document.documentElement.dataset.alive = ''; // it has been said: the style sheet need not
    return say('disk');
  }
  if (typeof WebAssembly === 'undefined') say('wasm');
  else if (!WebAssembly.validate(new Uint8Array(SIMD))) say('simd');
  probeWorkers();
})();
