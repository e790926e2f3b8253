/**
 * Whether tests with many trials of one kind (faults, power cuts, kills, damage, takeovers) run all of them: an
 * hour or so, with SUPERPOSE_TRIALS=all. Otherwise some, spread evenly.
 */
export const ALL_TRIALS = process.env.SUPERPOSE_TRIALS === 'all';
