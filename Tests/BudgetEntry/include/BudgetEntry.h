#ifndef BUDGET_ENTRY_H
#define BUDGET_ENTRY_H

/// Runs the body, and is known to callgrind by its name: only what happens below it is counted.
void chatbench_measured(void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

#endif
