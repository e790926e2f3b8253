/** The identity between encoder and decoder again, taken apart against an adversary. */
import type { SpecInput } from '../spec.ts';
import { noted } from './claims.ts';
import { pentagonAdversarial } from './decompositions.ts';
import type { Experiment, Scale } from './experiment.ts';
import { identityClaims, identityData, type PartsIdentityData } from './partsIdentity.ts';

const SEEDS = { quick: 8, paper: 16 };

const specs = (scale: Scale): SpecInput[] => [pentagonAdversarial(scale, true, SEEDS[scale])];

const signature = (data: PartsIdentityData) =>
  identityClaims(data).map((claim) => noted(claim, 'printed for SPD; of VPD no numbers are'));

export const partsAdversaryIdentity: Experiment<PartsIdentityData> = {
  name: 'parts-adversary-identity',
  id: 'P6',
  paper: 'decomposition',
  section: 'Adversarial parameter decomposition',
  title: 'An identity between encoder and decoder, against an adversary',
  caption:
    'The pentagon with a frozen identity of two dimensions between encoder and decoder, as a third map that VPD takes apart. ' +
    'Top: causal importances on one feature at a time. Bottom: how large each of the twenty subcomponents is. Two ' +
    'subcomponents carry the identity for all five features; a feature along one of them needs only that one.',
  seconds: { quick: 25, paper: 1000 },
  specs,
  data: identityData,
  signature,
};
