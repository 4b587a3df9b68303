using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Tests.Webhooks;
using ServerlessImages.Webhooks;

namespace ServerlessImages.EndToEnd;

/// <summary>What a customer's server was told, against what happened: an event for every end of a request and of a job, each told at least once, signed and in the words of its row; and nothing else.</summary>
internal sealed class ToldEvents : IAsyncDisposable
{
    private static readonly string[] JobTypes = [EventTypes.JobSucceeded, EventTypes.JobFailed, EventTypes.JobCancelled, EventTypes.JobExpired];
    private static readonly string[] Types = [EventTypes.RequestSucceeded, EventTypes.RequestFailed, .. JobTypes];
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromSeconds(1);
    private readonly Customer customer;
    private readonly Receiver receiver;
    private readonly byte[] secret;
    private readonly List<Received> received = [];

    private ToldEvents(Customer customer, Receiver receiver, string secret) =>
        (this.customer, this.receiver, this.secret) = (customer, receiver, Convert.FromBase64String(secret["whsec_".Length..]));

    /// <summary>How many messages came, repeated ones too.</summary>
    public int Messages => received.Count;

    /// <summary>How many came that had come before.</summary>
    public int Repeats => received.Count - received.DistinctBy(each => each.Id).Count();

    public static async Task<ToldEvents> ListenAsync(BackOffice office, Customer customer, CancellationToken cancel)
    {
        var server = await Receiver.StartAsync();
        var added = await office.Service<ManageWebhooks>().AddAsync(customer.Partition, new WebhookTerms(server.Url, null, Types, null), null, cancel);
        return added.TryGet(out var endpoint, out var error) ? new ToldEvents(customer, server, endpoint.Secret) : throw new InvalidOperationException(error.Message);
    }

    public ValueTask DisposeAsync() => receiver.DisposeAsync();

    /// <summary>Until each event was told, or that took too long. What killed processes had taken is theirs for a minute, which is over on the clock of <paramref name="later"/>.</summary>
    public async Task WaitAsync(BackOffice later, TimeSpan timeMax, CancellationToken cancel)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var wanted = (await WantedAsync(later, cancel)).Select(each => each.Id);
            received.AddRange(receiver.Rest());
            if (!wanted.Except(received.Select(each => each.Id), StringComparer.Ordinal).Any() || TimeProvider.System.GetElapsedTime(startedAt) > timeMax) return;
            await later.Service<SweepWebhooks>().RunAsync((partition, cause) => throw new InvalidOperationException(partition.Key, cause), cancel);
            await Task.Delay(AskedAgainAfter, cancel);
        }
    }

    public async Task AssertAsync(BackOffice office, Books books, CancellationToken cancel)
    {
        var wanted = await WantedAsync(office, cancel);
        received.AddRange(receiver.Rest());
        AssertSame(wanted.Select(each => each.Id), received.Select(each => each.Id).Distinct());
        AssertSame(books.Entries.Where(entry => entry.Request is not null).Select(entry => entry.Id), wanted.Where(each => !JobTypes.Contains(each.Type)).Select(each => each.RequestId));
        AssertSame(books.Jobs, wanted.Where(each => JobTypes.Contains(each.Type)).Select(each => each.RequestId));

        var byId = wanted.ToDictionary(each => each.Id, StringComparer.Ordinal);
        Assert.All(received, each => AssertGenuine(each, byId[each.Id]));
    }

    private static void AssertSame(IEnumerable<string> expected, IEnumerable<string> actual) => Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));

    private async Task<Happened[]> WantedAsync(BackOffice office, CancellationToken cancel)
    {
        var rows = (await office.RowsAsync(customer.Partition, "E", cancel)).Select(EventRow.From);
        var events = rows.SelectMany(row => row.Facts.Select((fact, place) => new Happened(new EventId(row.Number, place).ToText(customer.Partition), fact.Type, fact.Data)));
        return [.. events.Where(each => Types.Contains(each.Type))];
    }

    private void AssertGenuine(Received message, Happened told)
    {
        var content = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{message.Id}.{message.Timestamp}.{message.Text}"));
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, content)), message.Signature);
        Assert.Equal(told.Type, message.Body.GetProperty("type").GetString());
        Assert.True(JsonElement.DeepEquals(told.Data, message.Body.GetProperty("data")), message.Text);
    }

    private sealed record Happened(string Id, string Type, JsonElement Data)
    {
        public string RequestId => Data.GetProperty("request_id").GetString()!;
    }
}
