using ServerlessImages.Jobs;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Pricing;

namespace ServerlessImages.Images;

/// <summary>
/// Opens a request: holds its money, or finds that an earlier one answers — the owner of the same Idempotency-Key, or an equal call whose caller hung up.
/// </summary>
public sealed class OpenRequest(AccountLedger ledger, ApiKeyDirectory keys, FollowRequest follow, PendingAnswers pending, Abuse.Ladder ladder, TimeProvider clock, GenerationOptions options, JobOptions jobOptions)
{
    /// <summary>Each round learns something; this many without a result mean that others are faster.</summary>
    private const int RoundsMax = 10;

    /// <param name="connection">Ends the waiting for an earlier request; a hold that was asked for is made.</param>
    /// <param name="job">What makes it a job. One that is answered later waits for no earlier request: that one's id is the answer.</param>
    public async Task<Result<OpenedRequest>> RunAsync(Caller caller, string requestId, ImageOrder order, PricedOrder priced, IGenerationListener listener, CancellationToken connection, JobClaim? job = null)
    {
        var attempt = new HoldRequest(requestId, priced.Quote.Amount, caller.Plan, job is null ? options.Deadline + options.HoldMargin : jobOptions.Lifetime, Summary(caller, order, priced))
        {
            Job = job,
            Idempotency = order.IdempotencyKey is { } key ? new IdempotencyClaim(IdempotencyClaim.HashOf(key)) : null,
            MayAdopt = order.IdempotencyKey is null && job is not { Lease: null },
            KeyGeneration = keys.GenerationOf(caller.Key.Id),
            NewUntil = caller.Account.Created + ladder.NewAccountFor,
            KeyBudgetId = caller.Key.BudgetId,
        };
        if (attempt.MayAdopt) await pending.LetHangUpsShowAsync(caller, priced.Fingerprint);

        for (var round = 0; round < RoundsMax; round++)
        {
            if (!(await ledger.HoldAsync(caller.Partition, attempt)).TryGet(out var outcome, out var error)) return error;
            if (outcome.Hold is { } hold) return new OpenedRequest(hold);
            if (outcome.NewerKeyGeneration is { } generation)
            {
                if (!await keys.IsGoodAtAsync(caller.Key.Id, generation, CancellationToken.None)) return await RefusalAsync(caller);
                attempt = Again(attempt with { KeyGeneration = generation });
                continue;
            }

            var earlier = outcome.Earlier is { } record
                ? await FollowKeyAsync(caller, attempt, record, connection)
                : await AdoptAsync(caller, attempt, listener, connection);
            if (earlier.Result is { } result) return result;
            attempt = Again(earlier.NextAttempt);
        }

        return ApiError.IdempotencyInProgress;
    }

    /// <summary>What an Idempotency-Key answers although its request can no longer be priced: the quote has expired, or the model is not sold any more.</summary>
    /// <returns>Null where no earlier request answers.</returns>
    public async Task<Result<Generation>?> FindAnswerAsync(Caller caller, ImageOrder order, CancellationToken connection)
    {
        if (order.IdempotencyKey is not { } key || await ledger.FindIdempotencyAsync(caller.Partition, IdempotencyClaim.HashOf(key), connection) is not { } record) return null;
        var isSame = record.ExpiresAt > clock.GetUtcNow() && record.Fingerprint == RequestFingerprint.Of(order.Request);
        return isSame ? await AnswerOfAsync(caller, record, connection) : null;
    }

    /// <summary>The request that an Idempotency-Key stands for, ended or not, although it can no longer be priced.</summary>
    /// <returns>Its id, or null where there is none that runs or was charged.</returns>
    public async Task<string?> FindEarlierAsync(Caller caller, ImageOrder order, CancellationToken connection)
    {
        if (order.IdempotencyKey is not { } key || await ledger.FindIdempotencyAsync(caller.Partition, IdempotencyClaim.HashOf(key), connection) is not { } record) return null;
        var isSame = record.ExpiresAt > clock.GetUtcNow() && record.Fingerprint == RequestFingerprint.Of(order.Request);
        return isSame && await StandsAsync(caller, record, connection) ? record.RequestId : null;
    }

    /// <summary>Whether a request runs, or was charged: only what ended for nothing frees its key.</summary>
    private async Task<bool> StandsAsync(Caller caller, IdempotencyRecord record, CancellationToken connection)
    {
        var (entry, hold) = await ledger.FindAsync(caller.Partition, record.RequestId, connection);
        return entry?.IsCharge ?? hold is not null;
    }

    private async Task<Earlier> FollowKeyAsync(Caller caller, HoldRequest attempt, IdempotencyRecord record, CancellationToken connection)
    {
        var takeOver = attempt with { Idempotency = attempt.Idempotency! with { TakeOverETag = record.ETag } };
        if (record.ExpiresAt <= clock.GetUtcNow()) return new(takeOver);
        if (record.Fingerprint != attempt.Summary.Fingerprint) return new(attempt, ApiError.IdempotencyKeyReused);
        if (attempt.Job is { Lease: null }) return await StandsAsync(caller, record, connection) ? new(attempt, new OpenedRequest(EarlierId: record.RequestId)) : new(takeOver);

        if (await AnswerOfAsync(caller, record, connection) is not { } answer) return new(takeOver);
        return new(attempt, answer.TryGet(out var replay, out var error) ? new OpenedRequest(Replay: replay) : error);
    }

    /// <returns>Null if the request charged nothing, so that its key is free.</returns>
    private async Task<Result<Generation>?> AnswerOfAsync(Caller caller, IdempotencyRecord record, CancellationToken connection)
    {
        var followed = await follow.RunAsync(caller.Partition, record.RequestId, options.RepeatWait, connection);
        return followed.State switch
        {
            FollowedState.Answered => followed.Generation!,
            FollowedState.Deleted => ApiError.ResultDeleted,
            FollowedState.StillRunning => ApiError.IdempotencyInProgress,
            _ => null,
        };
    }

    private async Task<Earlier> AdoptAsync(Caller caller, HoldRequest attempt, IGenerationListener listener, CancellationToken connection)
    {
        var separate = new Earlier(attempt with { MayAdopt = false });
        var abandoned = await ledger.FindAbandonedAsync(caller.Partition, caller.Key.Id, attempt.Summary.Fingerprint, connection);
        if (abandoned is null || !await IsAdoptableAsync(caller, abandoned, connection)) return separate;

        listener.OnBegun(abandoned.RequestId, hold: null);
        var followed = await follow.RunAsync(caller.Partition, abandoned.RequestId, options.Deadline + options.HoldMargin, connection);
        return followed.State == FollowedState.Answered ? new(attempt, new OpenedRequest(Replay: followed.Generation, Adopted: abandoned)) : separate;
    }

    /// <summary>Running for a while already, or ended a short while ago.</summary>
    private async Task<bool> IsAdoptableAsync(Caller caller, AbandonedRequest abandoned, CancellationToken connection)
    {
        var now = clock.GetUtcNow();
        var (entry, _) = await ledger.FindAsync(caller.Partition, abandoned.RequestId, connection);
        return entry is null ? now - abandoned.StartedAt >= options.AdoptAfter : now - entry.At < options.AdoptWithin;
    }

    /// <summary>The round before may have made a hold whose answer was lost, and which expired before it looked: an id that may have an entry is never held again, since it could not be closed.</summary>
    private HoldRequest Again(HoldRequest attempt) => attempt with { Id = ledger.NextRequestId() };

    /// <summary>Why a key that was good is not any more.</summary>
    private async Task<ApiError> RefusalAsync(Caller caller) => (await keys.FindAsync(caller.Key.Id, CancellationToken.None))?.RefusalAt(clock.GetUtcNow()) ?? ApiError.InvalidApiKey;

    private static RequestSummary Summary(Caller caller, ImageOrder order, PricedOrder priced) => new(
        order.Request.Operation.ToWire(),
        caller.Key.Id,
        order.Request.Model.Id,
        order.Request.Count,
        order.Request.Size?.ToString() ?? "auto",
        order.Request.Quality.ToWire(),
        order.Request.Format.ToWire(),
        priced.Quote.PriceVersion,
        priced.Fingerprint,
        order.Retention.ToWire(),
        order.EndUser ?? "",
        RequestSummary.TagsJson(order.Tags));

    /// <summary>What an earlier request meant: a result, or how to ask again.</summary>
    private sealed record Earlier(HoldRequest NextAttempt, Result<OpenedRequest>? Result = null);
}

/// <summary>Money is held, or an earlier request answered.</summary>
/// <param name="Adopted">The abandoned request that answered, to be forgotten once its answer is delivered.</param>
/// <param name="EarlierId">The request that an Idempotency-Key stands for, where its answer is not waited for.</param>
public sealed record OpenedRequest(OpenHold? Hold = null, Generation? Replay = null, AbandonedRequest? Adopted = null, string? EarlierId = null)
{
    public string? Id => Hold?.Hold.Id ?? EarlierId;
}
