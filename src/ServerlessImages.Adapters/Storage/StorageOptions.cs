using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.Storage;

public enum StorageKind
{
    /// <summary>Azure Tables, Blob Storage and Storage Queues: production, and Azurite in tests.</summary>
    Azure,

    /// <summary>One SQLite file, one folder and queues in process: development and trying the product on one machine.</summary>
    Embedded,
}

/// <summary>Where everything is kept. Bound from the section <c>Storage</c>; checked before the first request.</summary>
public sealed class StorageOptions : IValidatableObject
{
    public const string Section = "Storage";

    /// <value>Default: <see cref="StorageKind.Azure"/>. Source: app setting <c>Storage__Kind</c>.</value>
    public StorageKind Kind { get; init; } = StorageKind.Azure;

    /// <summary>Such as <c>https://NAME.table.core.windows.net</c>; with <see cref="BlobsEndpoint"/> and <see cref="QueuesEndpoint"/>, opened with the app's own identity.</summary>
    /// <value>No default. Source: output of <c>infra/main.bicep</c>.</value>
    public Uri? TablesEndpoint { get; init; }

    /// <summary>Such as <c>https://NAME.blob.core.windows.net</c>.</summary>
    /// <value>No default. Source: output of <c>infra/main.bicep</c>.</value>
    public Uri? BlobsEndpoint { get; init; }

    /// <summary>Such as <c>https://NAME.queue.core.windows.net</c>.</summary>
    /// <value>No default. Source: output of <c>infra/main.bicep</c>.</value>
    public Uri? QueuesEndpoint { get; init; }

    /// <summary>The client id of a user-assigned managed identity. Without it: the credentials that <c>DefaultAzureCredential</c> finds.</summary>
    /// <value>No default. Source: output of <c>infra/main.bicep</c>.</value>
    public string? ManagedIdentityClientId { get; init; }

    /// <summary>Instead of the three endpoints, for Azurite and development: it holds a key, which production has none of.</summary>
    /// <value>No default.</value>
    public string? ConnectionString { get; init; }

    /// <summary>The container of results and inputs.</summary>
    /// <value>3 to 63 lower-case letters, digits and single hyphens between them; default <c>results</c>. Source: learn.microsoft.com, "Naming and referencing containers".</value>
    [Required, RegularExpression("^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$")]
    public string ResultsContainer { get; init; } = "results";

    /// <summary>How long one try of a call to Azure Tables may take.</summary>
    /// <value>
    /// 1 to 100 seconds; default 5, so that a hold, which waits 15, can read back what became of a try. Below the 30 seconds that the server itself may take, on purpose: no rule rests on a timeout meaning
    /// "not written", so that a caller need not wait for certainty that would not help.
    /// Source of the 30: learn.microsoft.com, "Setting timeouts for Table service operations".
    /// </value>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:40")]
    public TimeSpan TablesTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Creates missing tables, queues and the container at start. In Azure the Bicep makes them, and the app may not.</summary>
    /// <value>Default: false.</value>
    public bool CreateMissing { get; init; }

    /// <summary>The folder of the embedded store: <c>tables.db</c> and <c>results/</c>. Created when missing.</summary>
    /// <value>No default.</value>
    public string? Folder { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind == StorageKind.Embedded)
        {
            if (string.IsNullOrWhiteSpace(Folder)) yield return new ValidationResult("Storage:Folder says where the embedded store keeps its files.", [nameof(Folder)]);
            yield break;
        }

        var endpoints = new[] { TablesEndpoint, BlobsEndpoint, QueuesEndpoint }.Count(each => each is not null);
        var connected = !string.IsNullOrWhiteSpace(ConnectionString);
        if (endpoints is 1 or 2) yield return new ValidationResult("Storage:TablesEndpoint, Storage:BlobsEndpoint and Storage:QueuesEndpoint belong together.", [nameof(TablesEndpoint), nameof(BlobsEndpoint), nameof(QueuesEndpoint)]);
        if (endpoints > 0 == connected) yield return new ValidationResult("Storage needs either all three endpoints or a connection string.", [nameof(TablesEndpoint), nameof(ConnectionString)]);
    }
}
