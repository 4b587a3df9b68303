using ServerlessImages.Accounts;
using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>
/// The worker: begins a job that a message names, draws it and ends it. A message may come twice, late or for nothing: the ledger says whether there is anything to do,
/// and the entry that closes the hold is written once, whoever writes it.
/// </summary>
public sealed class RunJobs(AccountLedger ledger, JobLedger jobs, JobOrders orders, DrawImages draw, CloseExpiredHold closeExpired, AccountDirectory accounts, ApiKeyDirectory keys, PriceList prices, IWorkQueue queue, TimeProvider clock, GenerationOptions options)
{
    private const int NextAmong = 100;
    private static readonly string UpstreamRejected = ApiError.UpstreamRejected("").Code;

    /// <summary>After an attempt that failed; as often as there were attempts.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(20);

    /// <param name="cancel">Ends the looking; a job that has begun runs to its own deadline.</param>
    /// <exception cref="StoreUnavailableException">Nothing was begun; the message comes again.</exception>
    /// <exception cref="LedgerUnavailableException">What was begun is not known to have ended; when its lease is over, it is begun again.</exception>
    public async Task RunAsync(JobMessage message, CancellationToken cancel)
    {
        var (partition, id) = (message.Partition, message.Id);
        var (_, hold) = await ledger.FindAsync(partition, id, cancel);
        if (hold is null || !hold.Hold.IsJob) return;
        if (hold.Hold.ExpiresAt <= clock.GetUtcNow())
        {
            await closeExpired.RunAsync(partition, hold, cancel);
        }
        else
        {
            var account = await accounts.FindAsync(partition.Account, cancel) ?? throw new StoreUnavailableException($"The account of the job {id} cannot be read.");
            var plan = accounts.PlanOf(account);
            var start = await jobs.StartAsync(partition, id, plan, options.Deadline + options.HoldMargin);
            if (start.State is not (JobStartState.Started or JobStartState.Exhausted)) return;
            await WorkAsync(new Work(partition, plan, hold with { Job = start.Job }, start.Job!), start.State);
        }

        await CallNextAsync(partition);
    }

    private async Task WorkAsync(Work work, JobStartState state)
    {
        // Another worker may have died between storing and charging: what is there is not drawn again.
        var mayBeStored = work.Job.Attempt > 1 || state == JobStartState.Exhausted;
        if (mayBeStored && !IsKnown(work))
        {
            await ledger.ExpireAsync(work.Partition, work.Hold);
        }
        else if (!mayBeStored || await closeExpired.SettleStoredAsync(work.Partition, work.Hold, CancellationToken.None) is null)
        {
            if (state == JobStartState.Exhausted) await EndAsync(work, new Drawn(ApiError.JobWorkersLost, Money.Zero, 0, ""), ApiError.JobWorkersLost);
            else await DrawAsync(work);
        }

        await TidyAsync(work);
    }

    private async Task DrawAsync(Work work)
    {
        if (await FindOrderAsync(work) is not { } order) return;
        if (!(await prices.CurrentAsync(CancellationToken.None)).TryGet(out var book, out var unknown))
        {
            await ReleaseAsync(work, Nothing(unknown), AgainAfter, counts: false);
            return;
        }

        if (book.Find(work.Hold.Hold.Request.PriceVersion) is not { } price)
        {
            await EndAsync(work, Nothing(ApiError.ServerError), ApiError.ServerError);
            return;
        }

        var priced = new PricedOrder(price.For(new Markup(work.Job.MarkupBasisPoints)), new Quote(work.Hold.Hold.Quote, price.Version), work.Hold.Hold.Request.Fingerprint);
        var drawn = await draw.TryAsync(work.Partition, work.Plan, work.Hold, order, priced, SilentListener.Instance, clock.GetUtcNow(), work.Job.Attempt);
        if (drawn.Result.TryGet(out var drawing, out var error)) await ledger.SettleAsync(work.Partition, work.Hold, drawing.Result.Charge, drawing.Result.Close(work.Hold.Hold), mayBeLate: true, drawing.Refusals);
        else await FailAsync(work, drawn, error);
    }

    /// <returns>Null where the job was ended or given back instead.</returns>
    private async Task<ImageOrder?> FindOrderAsync(Work work)
    {
        try
        {
            // A key that was revoked or switched off since spends nothing any more.
            var key = await keys.FindAsync(work.Hold.Hold.Request.KeyId, CancellationToken.None);
            if (key is null or { Revoked: true } or { Disabled: true })
            {
                var refusal = key?.RefusalAt(clock.GetUtcNow()) ?? ApiError.InvalidApiKey;
                await EndAsync(work, Nothing(refusal), refusal);
                return null;
            }

            var order = await orders.FindAsync(work.Partition, work.Job.Order, CancellationToken.None);
            if (order is null) await EndAsync(work, Nothing(ApiError.ServerError), ApiError.ServerError);
            return order;
        }
        catch (StoreUnavailableException)
        {
            await ReleaseAsync(work, Nothing(ApiError.StorageUnavailable), AgainAfter, counts: false);
            return null;
        }
    }

    private async Task FailAsync(Work work, Drawn drawn, ApiError error)
    {
        drawn.CountWaste(work.Partition, work.Hold);
        // What the filter refused is counted with the end of its request.
        var isLast = work.Job.Attempt >= Job.AttemptsMax || drawn.Refusals is not null;
        if (error.Kind == ApiErrorKind.UpstreamUnavailable && drawn.Refusals is null) await ReleaseAsync(work, drawn, error.RetryAfter ?? AgainAfter, counts: false);
        else if (error.Kind is ApiErrorKind.Upstream or ApiErrorKind.Server && error.Code != UpstreamRejected && !isLast) await ReleaseAsync(work, drawn, AgainAfter * work.Job.Attempt, counts: true);
        else await EndAsync(work, drawn, error);
        drawn.Fault?.Throw();
    }

    private async Task ReleaseAsync(Work work, Drawn drawn, TimeSpan wait, bool counts)
    {
        if (await jobs.ReleaseAsync(work.Partition, work.Job, clock.GetUtcNow() + wait, counts, drawn.UpstreamCost, drawn.Attempts) is not null) await new JobMessage(work.Partition, work.Job.Id).SendAsync(queue, wait);
    }

    /// <summary>A worker that was given up may come back while another draws: it ends the job only while it is its own.</summary>
    private async Task EndAsync(Work work, Drawn drawn, ApiError error) => await jobs.EndAsync(work.Partition, work.Hold, job => job.Attempt == work.Job.Attempt && job.State == JobState.Running, drawn.Close(work.Hold, error), drawn.Refusals);

    /// <summary>The order of a job that has ended is no longer wanted. Left here, it is swept.</summary>
    private async Task TidyAsync(Work work)
    {
        try
        {
            if (await jobs.FindAsync(work.Partition, work.Job.Id, CancellationToken.None) is null) await orders.DropAsync(work.Partition, work.Job.Order);
        }
        catch (StoreUnavailableException)
        {
            // As said above.
        }
    }

    /// <summary>A place is free again: one of those that found none may have it.</summary>
    private async Task CallNextAsync(LedgerPartition partition)
    {
        try
        {
            var waiting = await jobs.OpenAsync(partition, afterId: "", NextAmong, CancellationToken.None);
            if (waiting.FirstOrDefault(job => job.State == JobState.Queued && job.DueAt <= clock.GetUtcNow()) is { } next) await new JobMessage(partition, next.Id).SendAsync(queue, TimeSpan.Zero);
        }
        catch (StoreUnavailableException)
        {
            // The sweeper calls it.
        }
    }

    /// <summary>Whether its caller can fetch what comes of it: a call that broke off before it was told anything cannot, and will be sent again.</summary>
    private static bool IsKnown(Work work) => work.Job.IsAnswered || work.Hold.Hold.KeyHash.Length > 0;

    private static Drawn Nothing(ApiError error) => new(error, Money.Zero, 0, "");

    private sealed record Work(LedgerPartition Partition, Plan Plan, OpenHold Hold, Job Job);
}
