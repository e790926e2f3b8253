/**
 * Whether tests with many trials of one kind (faults, power cuts, kills, damage, takeovers) run all of them, far
 * longer, with SUPERPOSE_TRIALS=all. Otherwise some, spread evenly.
 */
export const ALL_TRIALS = process.env.SUPERPOSE_TRIALS === 'all';
