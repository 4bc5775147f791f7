import { describeRounds } from './simulation.ts';

describeRounds(1);
