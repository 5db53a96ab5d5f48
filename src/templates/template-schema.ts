import { type Template, templateMembers } from './template-members';
import { templateProblems } from './template-problems';

export type * from './template-members';

/** A template file. Placeholders must match parameters; an unused parameter is an error too. */
export const templateSchema = templateMembers.superRefine((template: Template, context) => {
  if (context.issues.length > 0) return;
  for (const { path, message } of templateProblems(template)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
});
