// Draws the figure that stands in the page.
const figure = JSON.parse(document.getElementById('figure').textContent);
if (location.hash === '#plot') document.body.classList.add('bare'); // inside the index
const plot = document.getElementById('plot');

Plotly.newPlot(plot, {
  data: figure.data,
  layout: figure.layout,
  frames: figure.frames,
  config: { displaylogo: false, responsive: false },
}).then(() => {
  window.drawn = true;
});
