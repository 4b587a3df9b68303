using ServerlessImages.Images;
using ServerlessImages.Keys;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Jobs;

/// <summary>Takes an order that is answered later: its money is held and its job written in one transaction, when the order itself is stored. Under an Idempotency-Key it is the same job again.</summary>
public sealed class AcceptJob(Abuse.BlockList blocked, Quotes quotes, OpenRequest open, JobOrders orders, IWorkQueue queue)
{
    /// <param name="requestId">Becomes the job's id, as <see cref="GenerateImages"/> has it.</param>
    /// <returns>The id that counts; or what a call that is answered at once is refused with before it draws.</returns>
    /// <exception cref="StoreUnavailableException">The order could not be stored: nothing is held.</exception>
    public async Task<Result<OpenedRequest>> RunAsync(Caller caller, string requestId, ImageOrder order, CancellationToken connection)
    {
        if (blocked.Refuse(order.Request.Prompt) is { } refusal) return await open.FindEarlierAsync(caller, order, connection) is { } answer ? new OpenedRequest(EarlierId: answer) : refusal;
        if (!(await quotes.PriceAsync(caller, order, connection)).TryGet(out var priced, out var error)) return await open.FindEarlierAsync(caller, order, connection) is { } earlier ? new OpenedRequest(EarlierId: earlier) : error;

        var stored = await orders.PutAsync(caller.Partition, order, connection);
        var claim = new JobClaim(stored, caller.Plan.MarkupBasisPoints, Lease: null);
        var accepted = await open.RunAsync(caller, requestId, order, priced, SilentListener.Instance, connection, claim);
        if (accepted.TryGet(out var request, out _) && request.Hold is { } hold) await new JobMessage(caller.Partition, hold.Hold.Id).SendAsync(queue, TimeSpan.Zero);

        // Also where it is not known whether a hold was made: a worker that finds no order ends the job without a charge.
        else await orders.DropAsync(caller.Partition, stored);
        return accepted;
    }
}
