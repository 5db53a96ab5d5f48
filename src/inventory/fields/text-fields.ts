import { z } from 'zod';

/** Text without NUL, where the operating system would silently cut it. */
export const text = z
  .string()
  .refine((value) => !value.includes('\0'), 'expected a string without NUL characters');

export const nonEmpty = text.refine(
  (value) => value.trim() !== '',
  'expected a string that is not empty',
);
