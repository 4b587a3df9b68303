using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Local;

namespace ServerlessImages.EndToEnd;

/// <summary>What the callers remember against what the ledger says: every delivery charged, once, at the cost that was told; and nothing else.</summary>
internal sealed class Reckoning(IReadOnlyList<Order> orders, IReadOnlyList<Books> books)
{
    private static readonly string[] JobEnds = ["succeeded", "failed", "cancelled", "expired"];
    private readonly Dictionary<string, LedgerEntry> settled = books.SelectMany(each => each.Settled).ToDictionary(entry => entry.Id, StringComparer.Ordinal);

    /// <summary>Charges whose caller never saw an answer: the images wait for them.</summary>
    public int ChargedUnseen { get; private set; }

    /// <summary>0 uncharged and 0 wrongly charged: each answer's request is charged, in its caller's account, what the answer said, for these very images.</summary>
    public void AssertEveryDeliveryIsCharged()
    {
        foreach (var (order, delivery) in orders.SelectMany(order => order.Deliveries, (order, delivery) => (order, delivery)))
        {
            Assert.True(settled.TryGetValue(delivery.RequestId, out var entry), $"{delivery.RequestId} of {order.Id} was delivered and is not charged.");
            Assert.Equal((delivery.Charge, delivery.Hashes, order.Id), (entry.Amount, entry.Request!.ImageHashes, OrderOf(entry)));
            Assert.Contains(books.Single(each => each.Customer == order.Customer).Settled, each => each.Id == entry.Id);
        }
    }

    /// <summary>0 double: one charge for a key, one for a call without; none for a call that was refused; none that nobody sent.</summary>
    public void AssertNothingElseIsCharged()
    {
        var charges = settled.Values.ToLookup(OrderOf, StringComparer.Ordinal);
        var seen = orders.SelectMany(order => order.Deliveries).Select(delivery => delivery.RequestId).ToHashSet(StringComparer.Ordinal);
        foreach (var order in orders)
        {
            var calls = charges[order.Id].Select(entry => entry.Request!.Summary.EndUser).ToArray();
            Assert.True(!order.IsKeyed || calls.Length <= 1, $"The key {order.Id} was charged {calls.Length} times.");
            Assert.Equal(calls.Length, calls.Distinct(StringComparer.Ordinal).Count());
            Assert.Empty(calls.Except(order.Attempts.Where(attempt => !attempt.IsRefused).Select(attempt => attempt.Id), StringComparer.Ordinal));
        }

        Assert.Empty(charges.Select(each => each.Key).Except(orders.Select(order => order.Id), StringComparer.Ordinal));
        ChargedUnseen = settled.Keys.Count(id => !seen.Contains(id));
    }

    /// <summary>0 lost: the images of every charge, seen or not, are there byte for byte, and its receipt is signed and says the same.</summary>
    public async Task AssertEveryChargeHasItsImagesAndReceiptAsync(Calls calls, Func<Uri> api, JsonElement keys, CancellationToken cancel)
    {
        var all = books.SelectMany(each => each.Settled, (each, entry) => (each.Customer, entry));
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (charge, token) =>
        {
            var hashes = charge.entry.Request!.ImageHashes.Split(' ');
            for (var index = 0; index < hashes.Length; index++) Assert.Equal(hashes[index], await calls.HashAsync(api(), charge.Customer, charge.entry.Id, index, token));

            var answer = await calls.ReadAsync(api(), charge.Customer, $"v1/receipts/{charge.entry.Id}", token);
            var receipt = ReceiptCheck.Verify(answer.GetProperty("jws").GetString()!, keys) ?? throw new InvalidOperationException($"The receipt of {charge.entry.Id} is not signed.");
            Assert.Equal(charge.entry.Amount, Calls.Dollars(receipt.GetProperty("cost").GetProperty("amount_usd")));
            Assert.Equal((charge.entry.Id, charge.entry.Previous), (receipt.GetProperty("request_id").GetString(), receipt.GetProperty("entry").GetProperty("previous").GetString()));
            Assert.Equal(hashes, receipt.GetProperty("image_sha256").EnumerateArray().Select(hash => hash.GetString()));
        });
    }

    /// <summary>Every job has one end, the one that its caller was told of: with a charge and all its images, or with neither.</summary>
    public async Task AssertEveryJobEndedOnceAsync(Calls calls, Func<Uri> api, CancellationToken cancel)
    {
        Assert.All(books, each => Assert.All(each.Jobs, job => Assert.Single(each.Entries, entry => entry.Id == job)));
        var accepted = orders.SelectMany(order => order.Jobs, (order, job) => (order, job));
        await Parallel.ForEachAsync(accepted, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (each, token) =>
        {
            var entry = books.Single(book => book.Customer == each.order.Customer && book.Jobs.Contains(each.job)).Entries.Single(entry => entry.Id == each.job);
            var answer = await calls.ReadAsync(api(), each.order.Customer, "v1/jobs/" + each.job, token);
            var status = answer.GetProperty("status").GetString();
            Assert.Contains(status, JobEnds);
            Assert.Equal((entry.IsCharge, entry.Amount), (status == "succeeded", Calls.Dollars(answer.GetProperty("cost").GetProperty("amount_usd"))));
            Assert.Equal(entry.IsCharge ? each.order.Images : 0, answer.GetProperty("images").GetArrayLength());
            Assert.All(each.order.Ends.Where(end => end.Job == each.job), end => Assert.Equal(status, end.Status));
        });
    }

    private static string OrderOf(LedgerEntry entry) => entry.Request!.Summary.EndUser.Split('.')[0];
}
