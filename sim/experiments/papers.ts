/** The papers whose figures are drawn here, in the order of the gallery. An experiment names one of them. */

export interface Paper {
  name: string; // kebab-case, what --paper takes
  title: string;
  by: string; // authors and year
  url: string;
}

export const papers = [
  {
    name: 'toy-models',
    title: 'Toy Models of Superposition',
    by: 'Elhage et al. 2022',
    url: 'https://transformer-circuits.pub/2022/toy_model/index.html',
  },
  {
    name: 'double-descent',
    title: 'Superposition, Memorization, and Double Descent',
    by: 'Henighan et al. 2023',
    url: 'https://transformer-circuits.pub/2023/toy-double-descent/index.html',
  },
  {
    name: 'dictionaries',
    title: 'Sparse dictionaries where the features are known',
    by: 'Sharkey et al. 2022 and later',
    url: 'https://www.alignmentforum.org/posts/z6QQJbtpkEAX3Aojj',
  },
  {
    name: 'learning',
    title: 'Dynamical versus Bayesian Phase Transitions in a Toy Model of Superposition',
    by: 'Chen et al. 2023',
    url: 'https://arxiv.org/abs/2310.06301',
  },
  {
    name: 'decomposition',
    title: 'Parameter decomposition',
    by: 'Braun et al. 2025 and later',
    url: 'https://arxiv.org/abs/2501.14926',
  },
  {
    name: 'attention',
    title: 'Attention heads in superposition',
    by: 'Circuits Updates, May and July 2023',
    url: 'https://transformer-circuits.pub/2023/may-update/index.html',
  },
  {
    name: 'scaling',
    title: 'Superposition Yields Robust Neural Scaling',
    by: 'Liu, Liu and Gore 2025',
    url: 'https://arxiv.org/abs/2505.10465',
  },
  {
    name: 'may-updates',
    title: 'Circuits Updates, May 2023: manifolds and weights',
    by: 'Anthropic 2023',
    url: 'https://transformer-circuits.pub/2023/may-update/index.html',
  },
  {
    name: 'interference',
    title: 'A Toy Model of Interference Weights',
    by: 'Anthropic 2025',
    url: 'https://transformer-circuits.pub/2025/interference-weights/index.html',
  },
  {
    name: 'computation',
    title: 'Compressed computation',
    by: 'Bushnaq et al. 2025, and a rebuttal of 2026',
    url: 'https://arxiv.org/abs/2606.14673',
  },
] as const satisfies readonly Paper[];

export type PaperName = (typeof papers)[number]['name'];

/** The paper whose figures are drawn when none is named. */
export const FIRST_PAPER: PaperName = 'toy-models';
