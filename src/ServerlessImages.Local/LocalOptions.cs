using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Local;

public enum LocalStorage
{
    /// <summary>One SQLite file and a folder: nothing to install.</summary>
    Embedded,

    /// <summary>Microsoft's storage emulator, over npm.</summary>
    Azurite,
}

/// <summary>How the product runs on this machine.</summary>
public sealed record LocalOptions
{
    /// <summary>The API's port on localhost; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Where everything is kept between runs. Created when missing.</summary>
    public required string DataFolder { get; init; }

    public LocalStorage Storage { get; init; }
    public bool Once { get; init; }
    public bool Json { get; init; }

    /// <summary>Whether people can sign in to the portal: with a provider of this machine.</summary>
    public bool Identity { get; init; } = true;

    /// <summary>Changes how the emulator of Azure OpenAI behaves.</summary>
    public Func<AzureOpenAIEmulatorOptions, AzureOpenAIEmulatorOptions> Emulator { get; init; } = options => options;

    /// <summary>Changes how the emulator of Stripe behaves.</summary>
    public Func<StripeEmulatorOptions, StripeEmulatorOptions> Stripe { get; init; } = options => options;

    /// <summary>Settings of the API beyond those of this machine, and before them in rank.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Replaces services of the API.</summary>
    public Action<IServiceCollection> Services { get; init; } = _ => { };

    /// <summary>Data, secrets and history of one kind of storage.</summary>
    public string Folder => Path.Combine(DataFolder, Storage == LocalStorage.Azurite ? "azurite" : "embedded");
}
