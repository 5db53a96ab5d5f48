import { z } from 'zod';

/** The operating system ends text at a NUL, so that one inside would cut it silently. */
export const text = z
  .string()
  .refine((value) => !value.includes('\0'), 'expected a string without NUL characters');

export const nonEmpty = text.refine(
  (value) => value.trim() !== '',
  'expected a string that is not empty',
);
