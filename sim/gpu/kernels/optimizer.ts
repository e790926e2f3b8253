/**
 * One update, as `optimizerStep` of optimizer.ts, in three kernels: first moment, second moment, parameters.
 * A row of coefficients holds rate, correct1, correct2, β1, 1 − β1, β2, 1 − β2, ε, momentum and the largest
 * float; a row of hyper holds an instance's learning rate and weight decay. An instance whose loss is DIVERGED
 * stays as it is. Column P of every array is the canary, a product of ones.
 *
 * out  (I, P + 1); x = parameter, y = instance
 */
import type { BlockShape, Kernel } from '../shape.ts';

/** Gradient with the decay of Adam and SGD, which AdamW does not add. */
function decayed({ optimizer }: BlockShape): string {
  return optimizer === 'adamw' ? 'gradient[i][p]' : 'gradient[i][p] + hyper[i][1] * params[i][p]';
}

function optimizerKernel(
  shape: BlockShape,
  inputs: string,
  keep: string,
  canary: string,
  body: string,
): Kernel {
  const source = `function (${inputs}) {
    const p = this.thread.x;
    const i = this.thread.y;
    const c = clock[1];
    if (loss[i] < 0) { return ${keep}; }
    if (p === ${shape.parameters}) { return ${canary}; }
    ${body}
  }`;
  return { source, output: [shape.parameters + 1, shape.instances] };
}

/** in  first, gradient, params (I, P + 1), loss (I + 1), coefficients (K, 10), hyper (I, 2), clock (2) */
export function firstMomentKernel(shape: BlockShape): Kernel {
  const [keepRate, addRate] =
    shape.optimizer === 'sgd' ? ['coefficients[c][8]', '1'] : ['coefficients[c][3]', 'coefficients[c][4]'];
  return optimizerKernel(
    shape,
    'first, gradient, params, loss, coefficients, hyper, clock',
    'first[i][p]',
    'gradient[i][p]',
    `return ${keepRate} * first[i][p] + ${addRate} * (${decayed(shape)});`,
  );
}

/** in  second, gradient, params (I, P + 1), loss (I + 1), coefficients (K, 10), hyper (I, 2), clock (2) */
export function secondMomentKernel(shape: BlockShape): Kernel {
  return optimizerKernel(
    shape,
    'second, gradient, params, loss, coefficients, hyper, clock',
    'second[i][p]',
    'gradient[i][p]',
    `const g = ${decayed(shape)};
    return coefficients[c][5] * second[i][p] + coefficients[c][6] * g * g;`,
  );
}

/** in  params, first, second (I, P + 1), loss (I + 1), coefficients (K, 10), hyper (I, 2), clock (2) */
export function parametersKernel(shape: BlockShape): Kernel {
  const adam =
    'coefficients[c][1] * first[i][p] / (Math.sqrt(second[i][p]) * coefficients[c][2] + coefficients[c][7])';
  const kept = shape.optimizer === 'adamw' ? 'params[i][p] * (1 - rate * hyper[i][1])' : 'params[i][p]';
  return optimizerKernel(
    shape,
    'params, first, second, loss, coefficients, hyper, clock',
    'params[i][p]',
    `params[i][p] * first[i][p] * second[i][p] * loss[${shape.instances}]`,
    `const rate = hyper[i][0] * coefficients[c][0];
    return ${kept} - rate * ${shape.optimizer === 'sgd' ? 'first[i][p]' : adam};`,
  );
}
