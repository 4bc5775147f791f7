/** What the agent and its parsing process say to each other: JSON, one message a line. */
import { parseRequestSchema, parseResponseSchema } from '@necto/core';
import { z } from 'zod';

export const questionSchema = parseRequestSchema.extend({ id: z.int() });

export const replySchema = z.union([
	z.strictObject({ id: z.int(), answer: parseResponseSchema, error: z.undefined().optional() }),
	z.strictObject({
		id: z.int(),
		answer: z.undefined().optional(),
		error: z.strictObject({
			status: z.union([z.literal(422), z.literal(500), z.literal(502), z.literal(503), z.literal(504)]),
			code: z.string().max(40),
			message: z.string().max(300),
			suggestion: z.string().max(300),
		}),
	}),
]);
export type Reply = z.output<typeof replySchema>;
