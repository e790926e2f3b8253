// Draws the figure that stands in the page. `picture` is for whoever prints it.
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

window.picture = (format, scale) => {
  const { width, height } = figure.layout;
  return Plotly.toImage(plot, { format, width, height, scale });
};
