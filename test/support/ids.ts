/** The management account of simulated organizations. */
export const MANAGEMENT = '111122223333';

/** A member account. */
export const MEMBER = '444455556666';

/** An OU in props and options, which no simulated organization has. */
export const OU = 'ou-abcd-12345678';
