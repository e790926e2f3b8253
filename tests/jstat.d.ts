/** The few functions of jStat that the statistical tests use. */
declare module 'jstat' {
  interface Distribution {
    cdf(x: number, ...parameters: number[]): number;
    inv(p: number, ...parameters: number[]): number;
    pdf(x: number, ...parameters: number[]): number;
  }
  const jstat: {
    jStat: { beta: Distribution; chisquare: Distribution; normal: Distribution; poisson: Distribution };
  };
  export default jstat;
}
