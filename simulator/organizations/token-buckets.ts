import { refusals } from './errors';
import { DOCUMENTED_RATES, UNDOCUMENTED, type OperationRates, type Rate } from './rates';

/** Tokens are counted in thousandths, so that a rate a second and a time in milliseconds need no fractions. */
const TOKEN = 1000;

/** Keeps callers to the rates of the service. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  /**
   * Takes a token from every bucket of a call, or from none.
   *
   * @throws TooManyRequestsException when a bucket is empty
   */
  public take(operation: string, account: string, organization: string | undefined, undocumentedRate: Rate, now: number): void {
    const rates = ratesOf(operation, undocumentedRate);
    if (!rates) return;
    const buckets = [
      this.bucket(`${operation} ${account}`, rates.account, now),
      ...(rates.organization && organization ? [this.bucket(`${operation} ${organization}`, rates.organization, now)] : []),
    ];
    if (buckets.some(({ level }) => level < TOKEN)) throw refusals.tooManyRequests();
    for (const bucket of buckets) bucket.level -= TOKEN;
  }

  /** All buckets are full again. */
  public clear(): void {
    this.buckets.clear();
  }

  /** A bucket with all that has flowed into it by now. */
  private bucket(key: string, { perSecond, burst }: Rate, now: number): Bucket {
    const bucket = this.buckets.get(key) ?? { level: burst * TOKEN, filledAt: now };
    this.buckets.set(key, bucket);
    bucket.level = Math.min(burst * TOKEN, bucket.level + (now - bucket.filledAt) * perSecond);
    bucket.filledAt = now;
    return bucket;
  }
}

interface Bucket {
  level: number;
  filledAt: number;
}

function ratesOf(operation: string, undocumentedRate: Rate): OperationRates | undefined {
  return UNDOCUMENTED.includes(operation) ? { account: undocumentedRate } : DOCUMENTED_RATES[operation];
}
