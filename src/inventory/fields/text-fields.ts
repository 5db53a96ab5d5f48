import { z } from 'zod';

/** The operating system ends text at a NUL, so that one inside would cut it silently. */
export const text = z
  .string()
  .refine((value) => !value.includes('\0'), 'expected text without NUL characters');

export const nonEmpty = text.refine(
  (value) => value.trim() !== '',
  'expected text, got an empty string',
);
