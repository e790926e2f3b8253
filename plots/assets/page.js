// Draws the figure that stands in the page: when somebody reaches for its printed picture, or at once where there is none.
const plot = document.getElementById('plot');
const bare = location.hash === '#plot'; // inside the index
if (bare) document.body.classList.add('bare');

function draw() {
  const figure = JSON.parse(document.getElementById('figure').textContent);
  plot.replaceChildren();
  return Plotly.newPlot(plot, {
    data: figure.data,
    layout: figure.layout,
    frames: figure.frames,
    config: { displaylogo: false, responsive: false },
  });
}

let asked = false;
function drawOnce() {
  if (asked) return;
  asked = true;
  const script = document.createElement('script');
  script.src = 'plotly.js';
  script.onload = () =>
    draw().then(() => {
      window.drawn = true;
    });
  document.head.append(script);
}

const reached = ['pointerenter', 'pointerdown', 'focusin'];
if (plot.querySelector('img'))
  for (const event of reached) plot.parentElement.addEventListener(event, drawOnce);
else drawOnce();
