import { describeRounds } from './simulation.ts';

describeRounds(0);
