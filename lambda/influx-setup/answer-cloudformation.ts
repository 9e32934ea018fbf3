import * as z from 'zod';

const request = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url({ protocol: /^https?$/ }),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
});

/** Whether CloudFormation makes the resource, or changes one that it made before. */
export type SetupOccasion = 'first' | 'change';

/**
 * Does something for a custom resource of CloudFormation, and says to CloudFormation how it went. Nothing is done when the
 * resource is deleted. Rejects only when the event is none of CloudFormation's, or CloudFormation cannot be reached.
 */
export async function answerCloudFormation(
  event: unknown,
  action: (occasion: SetupOccasion) => Promise<unknown>,
): Promise<void> {
  const { RequestType, ResponseURL, PhysicalResourceId, ...ids } = request.parse(event);
  let reason: string | undefined;
  try {
    if (RequestType !== 'Delete') await action(RequestType === 'Create' ? 'first' : 'change');
  } catch (error) {
    reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown failure';
  }
  const body = JSON.stringify({
    ...ids,
    // One for ever: a changed one would make CloudFormation delete the old one.
    PhysicalResourceId: PhysicalResourceId ?? ids.LogicalResourceId,
    Status: reason === undefined ? 'SUCCESS' : 'FAILED',
    ...(reason !== undefined && { Reason: reason.slice(0, 1000) }),
  });
  const signal = AbortSignal.timeout(10_000);
  // The address is signed for a request without content type.
  const answer = await fetch(ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' }, signal });
  if (!answer.ok) throw new Error(`CloudFormation took no answer: ${answer.status}`);
}
