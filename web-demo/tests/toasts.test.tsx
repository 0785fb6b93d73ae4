import { JobwireProvider } from '@jobwire/react';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { Toasts } from '../src/components/toasts.js';
import { fakeClient, makeJob } from './fake_client.js';

test('one word per ending, in a region that screen readers follow, gone when dismissed', async () => {
  const fake = fakeClient();
  render(
    <JobwireProvider client={fake.client}>
      <Toasts />
    </JobwireProvider>,
  );
  act(() => fake.end(makeJob({ status: 'failed' })));
  expect(screen.getByRole('status')).toHaveTextContent('report.pdf has failed');
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss: report.pdf has failed' }));
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});
