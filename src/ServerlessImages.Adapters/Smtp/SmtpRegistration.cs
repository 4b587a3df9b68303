using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServerlessImages.Notices;

namespace ServerlessImages.Smtp;

public static class SmtpRegistration
{
    /// <summary>The <see cref="INoticeMailer"/> over SMTP, from the section <see cref="SmtpOptions.Section"/>. Call it when all settings are there: without a host there is no mailer.</summary>
    public static void AddSmtp(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SmtpOptions>().BindConfiguration(SmtpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (configuration.GetSection(SmtpOptions.Section).Get<SmtpOptions>() is not { IsOn: true }) return;
        services.TryAddSingleton<INoticeMailer>(provider => new SmtpNoticeMailer(
            provider.GetRequiredService<IOptions<SmtpOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SmtpNoticeMailer>>()));
    }
}
